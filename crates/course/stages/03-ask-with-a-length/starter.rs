//! A client that sends each line as a command, with its length in front:
//! `cargo run --bin lesson03-client HOST PORT`

use std::env;
use std::error::Error;
use std::io::{self, Read, Write};
use std::net::TcpStream;

/// The next message, without its length.
fn receive_message(connection: &mut TcpStream) -> io::Result<Vec<u8>> {
    // ASK: in front of each message are 4 bytes that say its length, the lowest first.
    // 每条消息前面有 4 个字节，说明消息的长度，低位字节在前。
    let mut data = [0; 1024];
    let length = connection.read(&mut data)?;
    Ok(data[..length].to_vec())
}

/// Sends a message: its length in 4 bytes, the lowest first, then its bytes.
fn send_message(connection: &mut TcpStream, message: &[u8]) -> io::Result<()> {
    connection.write_all(message)
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
