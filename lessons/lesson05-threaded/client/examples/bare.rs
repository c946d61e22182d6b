//! The tutorial's client that reconnects and gives up after 10 tries, line for line, with its
//! mistakes left in. It asks twice a second until Ctrl-C; end the server meanwhile, or start none.
//!
//! `cargo run -p lesson05-server --example bare-lesson05-server`, then
//! `cargo run -p lesson05-client --example bare-lesson05-client`.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::{thread, time::Duration};

fn main() -> std::io::Result<()> {
    let mut failed = 0;
    while failed < 10 {
        match talk() {
            Err(error) if error.kind() == ErrorKind::ConnectionReset => {} // connect again
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

fn talk() -> std::io::Result<()> {
    let mut client = TcpStream::connect("127.0.0.1:8005")?;
    loop {
        // BROKEN: send may take less than all, and nobody looks at how much it took.
        let _taken = client.write(b"baby")?;
        let mut data = [0; 1024];
        // BROKEN: 0 is the server's orderly end; this shows it as an empty answer and writes again.
        let n = client.read(&mut data)?;
        println!("{}", String::from_utf8_lossy(&data[..n]));
        thread::sleep(Duration::from_millis(500));
    }
}
