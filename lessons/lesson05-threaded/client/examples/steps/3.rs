//! From `bare.rs` to `lib.rs`, step 3 of 4: not all clients come back in the same moment.
//!
//! `cargo run -p lesson05-server --example bare-lesson05-server-step-3`, then
//! `cargo run -p lesson05-client --example bare-lesson05-client-step-3`.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::{thread, time::Duration};

fn main() -> std::io::Result<()> {
    let mut failed = 0;
    while failed < 10 {
        match talk() {
            // It was connected, so whatever failed before is over.
            Err(error) if is_lost(error.kind()) => failed = 0,
            Err(error) if error.kind() == ErrorKind::ConnectionRefused => {
                println!("cannot connect to the server");
                failed += 1;
            }
            end => return end,
        }
        // 0.1 s, 0.2 s, 0.4 s and so on, and never above 5 s: a server that starts is not stormed.
        let pause = Duration::from_millis(100 << failed).min(Duration::from_secs(5));
        // Clients that have lost the same server would call it again together: up to a quarter more, by chance.
        thread::sleep(pause.mul_f64(1.0 + fastrand::f64() / 4.0));
    }
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
