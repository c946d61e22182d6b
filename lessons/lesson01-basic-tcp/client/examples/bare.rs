//! The tutorial's client, line for line, with what it leaves out still left out.
//!
//! `cargo run -p lesson01-server --example bare-lesson01-server`, then
//! `cargo run -p lesson01-client --example bare-lesson01-client`.

use std::io::{Read, Write, stdin};
use std::net::TcpStream;

fn main() -> std::io::Result<()> {
    let mut phone = TcpStream::connect("127.0.0.1:8001")?;
    // The tutorial's loop ends only when Ctrl-C kills it; this one also ends with its input.
    for line in stdin().lines() {
        let msg = line?.trim().to_owned();
        if msg.is_empty() {
            continue; // nothing would be sent, and both sides would wait for ever
        }
        // BROKEN: send may take less than all, and nobody looks at how much it took.
        let _taken = phone.write(msg.as_bytes())?;
        let mut data = [0; 1024];
        // BROKEN: one recv is taken for the whole answer, and an empty one for an answer too.
        let n = phone.read(&mut data)?;
        println!("{:?}", String::from_utf8_lossy(&data[..n]));
    }
    Ok(())
}
