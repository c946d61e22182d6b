//! A client that sends each line as a command, with its length in front:
//! `cargo run --bin lesson03-client HOST PORT`

use std::env;
use std::error::Error;
use std::io::{self, Read, Write};
use std::net::TcpStream;

/// So many bytes, with as many calls of read as it takes. (The standard library has read_exact.)
fn receive_exactly(connection: &mut TcpStream, size: usize) -> io::Result<Vec<u8>> {
    let (mut data, mut buffer) = (Vec::new(), [0; 1024]);
    while data.len() < size {
        let missing = (size - data.len()).min(buffer.len());
        let count = connection.read(&mut buffer[..missing])?;
        data.extend_from_slice(&buffer[..count]);
    }
    Ok(data)
}

/// The next message, without its length.
fn receive_message(connection: &mut TcpStream) -> io::Result<Vec<u8>> {
    let length = receive_exactly(connection, 4)?;
    let length = i32::from_le_bytes([length[0], length[1], length[2], length[3]]);
    receive_exactly(connection, length as usize)
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
