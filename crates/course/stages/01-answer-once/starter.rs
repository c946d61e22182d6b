//! A server that answers in upper case: `cargo run --bin lesson01-server PORT`

use std::env;
use std::io::{self, Read};
use std::net::TcpListener;

fn main() -> io::Result<()> {
    let port = env::args().nth(1).expect("a port");
    let server = TcpListener::bind(format!("127.0.0.1:{port}"))?;

    let (mut connection, _address) = server.accept()?;
    let mut buffer = [0; 1024];
    let length = connection.read(&mut buffer)?;
    // ASK: send the request back in upper case.
    // 请把请求变成大写，发回去。
    println!("recv {length}");
    Ok(())
}
