//! A server for many clients at once, that answers in upper case:
//! `cargo run --bin lesson05-server PORT`

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
        connection.write_all(&buffer[..length].to_ascii_uppercase())?;
    }
}

/// One client, from the first request to the last. Its trouble is nobody else's.
fn serve(mut connection: TcpStream) {
    if let Err(error) = converse(&mut connection) {
        println!("the conversation ends: {error}");
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let port = env::args().nth(1).ok_or("the port is missing")?;
    let server = TcpListener::bind(format!("127.0.0.1:{port}"))?;

    loop {
        let (connection, _address) = server.accept()?;
        // ASK: while one client is served, the others wait here. Serve them all at once.
        // 为一个客户端服务时，别的都等在这里。请同时为所有客户端服务。
        serve(connection);
    }
}
