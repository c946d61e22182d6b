//! From `bare.rs` to `lib.rs`, step 3 of 3: the end between two messages.
//!
//! `cargo run -p lesson03-server --example bare-lesson03-server-step-3 -- shell`, then
//! `cargo run -p lesson03-client --example bare-lesson03-client-step-3`.

use std::io::{Error, Read, Result, Write, stdin};
use std::net::TcpStream;

/// The most bytes that a message may have.
const LIMIT: i32 = 16 * 1024 * 1024;

fn main() -> Result<()> {
    let mut client = TcpStream::connect("127.0.0.1:8003")?;
    for cmd in stdin().lines() {
        let cmd = cmd?;
        client.write_all(&(cmd.len() as i32).to_le_bytes())?;
        client.write_all(cmd.as_bytes())?;
        let Some(received) = receive_message(&mut client)? else { break };
        println!("{}", String::from_utf8_lossy(&received));
    }
    Ok(())
}

fn receive_message(stream: &mut impl Read) -> Result<Option<Vec<u8>>> {
    let mut header = [0; 4];
    // The stream may end between two messages, and nowhere else.
    let got = stream.read(&mut header)?;
    if got == 0 {
        return Ok(None);
    }
    stream.read_exact(&mut header[got..])?;
    // A length is only a claim: it is checked before memory is taken for it.
    let length = i32::from_le_bytes(header);
    if !(0..=LIMIT).contains(&length) {
        return Err(Error::other(format!("length {length} is not between 0 and {LIMIT}")));
    }
    let mut message = vec![0; length as usize];
    stream.read_exact(&mut message)?;
    Ok(Some(message))
}
