//! A server that answers commands, which have no length: `cargo run --bin lesson02-server PORT`

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

/// Answers each command, until the client has left.
fn converse(connection: &mut TcpStream) -> io::Result<()> {
    let mut buffer = [0; 1024];
    loop {
        let length = connection.read(&mut buffer)?;
        if length == 0 {
            return Ok(());
        }
        // ASK: take what one read gave for one command, and send its answer.
        // 请把一次 read 收到的当作一条命令，把它的回答发回去。
        connection.write_all(&answer(b""))?;
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
