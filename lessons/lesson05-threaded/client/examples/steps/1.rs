//! From `bare.rs` to `lib.rs`, step 1 of 4: all is sent, all is received, and an end is no answer.
//!
//! `cargo run -p lesson05-server --example bare-lesson05-server-step-1`, then
//! `cargo run -p lesson05-client --example bare-lesson05-client-step-1`.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::{thread, time::Duration};

fn main() -> std::io::Result<()> {
    let mut failed = 0;
    while failed < 10 {
        match talk() {
            Err(error) if is_lost(error.kind()) => {} // connect again
            Err(error) if error.kind() == ErrorKind::ConnectionRefused => {
                println!("cannot connect to the server");
                failed += 1; // BROKEN: no pause: all 10 tries are over before a server can be back
            }
            end => return end,
        }
    }
    thread::sleep(Duration::from_secs(1)); // the pause, where it helps nobody
    println!("connecting to 127.0.0.1:8005 timed out");
    Ok(())
}

/// Whether the connection has gone: by a reset, or by the server's orderly end.
fn is_lost(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::ConnectionReset | ErrorKind::BrokenPipe | ErrorKind::UnexpectedEof)
}

fn talk() -> std::io::Result<()> {
    let mut client = TcpStream::connect("127.0.0.1:8005")?;
    loop {
        client.write_all(b"baby")?;
        // An answer is as long as its request. If the server ends before, this is an error.
        let mut answer = [0; 4];
        client.read_exact(&mut answer)?;
        println!("{}", String::from_utf8_lossy(&answer));
        thread::sleep(Duration::from_millis(500));
    }
}
