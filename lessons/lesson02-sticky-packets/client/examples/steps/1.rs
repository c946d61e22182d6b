//! From `bare.rs` to `lib.rs`, step 1 of 3: a blank line is not sent.
//!
//! `cargo run -p lesson02-server --example bare-lesson02-server-step-1`, then
//! `cargo run -p lesson02-client --example bare-lesson02-client-step-1`.

use std::io::{Read, Write, stdin};
use std::net::TcpStream;

fn main() -> std::io::Result<()> {
    let mut client = TcpStream::connect("127.0.0.1:8002")?;
    for cmd in stdin().lines() {
        let cmd = cmd?;
        if cmd.trim().is_empty() {
            continue; // nothing would be sent, and both sides would wait for ever
        }
        client.write_all(cmd.as_bytes())?;
        let mut data = [0; 1024];
        // BROKEN: one recv is taken for the whole answer. The rest of a longer one is read as the
        // answer to the next command, and a command that prints nothing is waited for in vain.
        let n = client.read(&mut data)?;
        println!("from server: {:?}", String::from_utf8_lossy(&data[..n]));
    }
    Ok(())
}
