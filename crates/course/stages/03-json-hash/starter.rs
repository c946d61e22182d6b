//! A server that answers commands, each with a JSON header in front:
//! `cargo run --bin lesson03-json-server PORT`

use std::env;
use std::error::Error;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};

use md5::{Digest, Md5};
use serde_json::{Value, json};

/// No message is longer, in bytes.
const LIMIT: i64 = 16 * 1024 * 1024;

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

/// A length that may be believed.
fn checked(length: Option<i64>) -> io::Result<usize> {
    match length {
        Some(length) if (0..=LIMIT).contains(&length) => Ok(length as usize),
        _ => Err(io::Error::other(format!("nobody means a length of {length:?}"))),
    }
}

/// The next message, without its header.
fn receive_message(connection: &mut TcpStream) -> io::Result<Vec<u8>> {
    let length = receive_exactly(connection, 4)?;
    let length = i32::from_le_bytes([length[0], length[1], length[2], length[3]]);
    let header = receive_exactly(connection, checked(Some(length.into()))?)?;
    let header: Value = serde_json::from_slice(&header)?;
    let size = checked(header["total_size"].as_i64())?;
    // ASK: run nothing that was damaged on its way: compare the message's MD5 with its hash.
    // 途中损坏的命令不要执行：请核对消息的 MD5 和报头里的 hash。
    receive_exactly(connection, size)
}

/// The MD5 of a message, in hexadecimal digits.
fn hash(message: &[u8]) -> String {
    Md5::digest(message).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Sends a message: the length of its header in 4 bytes, the header, then its bytes.
fn send_message(connection: &mut TcpStream, message: &[u8]) -> io::Result<()> {
    let header = json!({ "total_size": message.len(), "hash": hash(message) }).to_string();
    let length = header.len() as i32;
    connection.write_all(&[&length.to_le_bytes(), header.as_bytes(), message].concat())
}

/// Answers each command. That the client has left, receive_message finds out.
fn converse(connection: &mut TcpStream) -> io::Result<()> {
    loop {
        let command = receive_message(connection)?;
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
