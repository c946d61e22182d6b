//! A client that sends each line as a command, with its length in front:
//! `cargo run --bin lesson03-client HOST PORT`

use std::env;
use std::error::Error;
use std::io::{self, Read, Write};
use std::net::TcpStream;

/// The next message, without its length.
fn receive_message(connection: &mut TcpStream) -> io::Result<Vec<u8>> {
    // ASK: an answer may come in pieces. Receive the 4 bytes, then as many as they say.
    // 回答可能分几次到。请先收齐 4 个字节，再按它说的长度收齐。
    let mut data = [0; 1024];
    if connection.read(&mut data)? == 0 {
        return Ok(Vec::new());
    }
    let length = i32::from_le_bytes([data[0], data[1], data[2], data[3]]) as usize;
    Ok(data[4..4 + length].to_vec())
}

/// Sends a message: its length in 4 bytes, the lowest first, then its bytes.
fn send_message(connection: &mut TcpStream, message: &[u8]) -> io::Result<()> {
    let length = message.len() as i32;
    connection.write_all(&[&length.to_le_bytes(), message].concat())
}

fn main() -> Result<(), Box<dyn Error>> {
    let host = env::args().nth(1).ok_or("the host is missing")?;
    let port = env::args().nth(2).ok_or("the port is missing")?;
    let mut connection = TcpStream::connect(format!("{host}:{port}"))?;

    for line in io::stdin().lines() {
        let line = line?;
        let command = line.trim();
        if command.is_empty() {
            continue;
        }
        send_message(&mut connection, command.as_bytes())?;
        let message = receive_message(&mut connection)?;
        if message.is_empty() {
            return Err("the server has hung up".into());
        }
        println!("{}", str::from_utf8(&message)?);
    }
    Ok(())
}
