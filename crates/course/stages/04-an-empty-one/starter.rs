//! A server that answers datagrams in upper case: `cargo run --bin lesson04-server PORT`

use std::env;
use std::error::Error;
use std::net::UdpSocket;

fn main() -> Result<(), Box<dyn Error>> {
    let port = env::args().nth(1).ok_or("the port is missing")?;
    let server = UdpSocket::bind(format!("127.0.0.1:{port}"))?;

    let mut buffer = [0; 512];
    loop {
        let (length, address) = server.recv_from(&mut buffer)?;
        // ASK: is this an end? Over UDP there is no connection that could end.
        // 这是结束吗？UDP 没有连接，也就没有什么可以结束。
        if length == 0 {
            return Err("the client has left".into());
        }
        server.send_to(&buffer[..length].to_ascii_uppercase(), address)?;
    }
}
