//! A server that answers in upper case: `cargo run --bin lesson01-server PORT`

use std::env;
use std::error::Error;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};

/// Answers each request, until the client has left.
fn converse(connection: &mut TcpStream) -> io::Result<()> {
    let mut buffer = [0; 1024];
    loop {
        let length = connection.read(&mut buffer)?;
        if length == 0 {
            return Ok(());
        }
        // This changes the letters a to z and nothing else.
        connection.write_all(&buffer[..length].to_ascii_uppercase())?;
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
        // The connection is closed here, where it goes out of scope.
    }
}
