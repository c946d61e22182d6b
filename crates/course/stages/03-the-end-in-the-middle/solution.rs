//! A server that answers commands, each with its length in front:
//! `cargo run --bin lesson03-server PORT`

use std::env;
use std::error::Error;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};

/// What a command prints. The server knows only this one, so nobody can have it run another.
fn answer(command: &[u8]) -> Vec<u8> {
    let command = String::from_utf8_lossy(command);
    match command.split_once(' ').unwrap_or((&command, "")) {
        ("echo", rest) => format!("{rest}\n").into_bytes(),
        (word, _) => format!("{word}: no such command\n").into_bytes(),
    }
}

/// So many bytes, with as many calls of read as it takes. (The standard library has read_exact.)
fn receive_exactly(connection: &mut TcpStream, size: usize) -> io::Result<Vec<u8>> {
    let (mut data, mut buffer) = (Vec::new(), [0; 1024]);
    while data.len() < size {
        let missing = (size - data.len()).min(buffer.len());
        let count = connection.read(&mut buffer[..missing])?;
        if count == 0 {
            return Err(io::Error::other("the stream has ended"));
        }
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

/// Answers each command, until the client has left.
fn converse(connection: &mut TcpStream) -> io::Result<()> {
    loop {
        let command = receive_message(connection)?;
        if command.is_empty() {
            return Ok(());
        }
        send_message(connection, &answer(&command))?;
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let port = env::args().nth(1).ok_or("the port is missing")?;
    let server = TcpListener::bind(format!("127.0.0.1:{port}"))?;

    loop {
        let (mut connection, _address) = server.accept()?;
        if let Err(error) = converse(&mut connection) {
            println!("the conversation ends: {error}");
        }
    }
}
