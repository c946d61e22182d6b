//! From `bare.rs` to `lib.rs`, step 1 of 3: all of a line is sent, and an empty recv is the end.
//!
//! `cargo run -p lesson01-server --example bare-lesson01-server-step-1`, then
//! `cargo run -p lesson01-client --example bare-lesson01-client-step-1`.

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
        // Python's sendall: it sends again until the kernel has taken all.
        phone.write_all(msg.as_bytes())?;
        let mut data = [0; 1024];
        // BROKEN: one recv is taken for the whole answer.
        let n = phone.read(&mut data)?;
        if n == 0 {
            break; // the server sends no more
        }
        println!("{:?}", String::from_utf8_lossy(&data[..n]));
    }
    Ok(())
}
