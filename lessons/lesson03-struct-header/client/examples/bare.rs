//! The tutorial's client with a struct header, line for line, with its mistakes left in.
//!
//! `cargo run -p lesson03-server --example bare-lesson03-server -- shell`, then
//! `cargo run -p lesson03-client --example bare-lesson03-client`.

use std::io::{Read, Write, stdin};
use std::net::TcpStream;

fn main() -> std::io::Result<()> {
    let mut client = TcpStream::connect("127.0.0.1:8003")?;
    for cmd in stdin().lines() {
        // BROKEN: a blank line sends nothing, and then the read below waits for ever.
        client.write_all(cmd?.as_bytes())?;
        let mut header = [0; 4];
        // BROKEN: one recv may return fewer than 4 bytes, and then this is no length.
        let _got = client.read(&mut header)?;
        let size = i32::from_le_bytes(header) as usize;
        let mut received = Vec::new();
        while received.len() < size {
            let mut data = [0; 1024];
            // BROKEN: if the server closes now, n is 0 for ever, and so is this loop.
            let n = client.read(&mut data)?;
            received.extend_from_slice(&data[..n]);
        }
        println!("{}", String::from_utf8_lossy(&received));
    }
    Ok(())
}
