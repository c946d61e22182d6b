//! From `bare.rs` to `lib.rs`, step 1 of 3: a length before each message, and reading until all is there.
//!
//! `cargo run -p lesson03-server --example bare-lesson03-server-step-1 -- shell`, then
//! `cargo run -p lesson03-client --example bare-lesson03-client-step-1`.

use std::io::{Read, Result, Write, stdin};
use std::net::TcpStream;

fn main() -> Result<()> {
    let mut client = TcpStream::connect("127.0.0.1:8003")?;
    for cmd in stdin().lines() {
        let cmd = cmd?;
        client.write_all(&(cmd.len() as i32).to_le_bytes())?;
        client.write_all(cmd.as_bytes())?;
        let received = receive_message(&mut client)?;
        println!("{}", String::from_utf8_lossy(&received));
    }
    Ok(())
}

fn receive_message(stream: &mut impl Read) -> Result<Vec<u8>> {
    let mut header = [0; 4];
    stream.read_exact(&mut header)?;
    // BROKEN: a length is believed: ff ff ff 7f takes 2 GiB, and a negative one ends the client.
    let mut message = vec![0; i32::from_le_bytes(header) as usize];
    stream.read_exact(&mut message)?;
    Ok(message)
}
