//! A server that answers in upper case: `cargo run --bin lesson01-server PORT`

use std::env;
use std::error::Error;
use std::io::{Read, Write};
use std::net::TcpListener;

fn main() -> Result<(), Box<dyn Error>> {
    let port = env::args().nth(1).ok_or("the port is missing")?;
    let server = TcpListener::bind(format!("127.0.0.1:{port}"))?;

    let (mut connection, _address) = server.accept()?;
    let mut buffer = [0; 1024];
    // ASK: the client has another request. Receive and answer again and again.
    // 客户端还有下一个请求。请反复接收、反复回答。
    let length = connection.read(&mut buffer)?;
    let request = str::from_utf8(&buffer[..length])?;
    connection.write_all(request.to_uppercase().as_bytes())?;
    Ok(())
}
