//! A server that answers datagrams in upper case: `cargo run --bin lesson04-server PORT`

use std::env;
use std::error::Error;
use std::net::UdpSocket;

fn main() -> Result<(), Box<dyn Error>> {
    let port = env::args().nth(1).ok_or("the port is missing")?;
    let server = UdpSocket::bind(format!("127.0.0.1:{port}"))?;

    // ASK: there is no room for a long question, and its end is lost. Make room.
    // 问题太长，这里放不下，后面的就丢了。请留够位置。
    let mut buffer = [0; 512];
    loop {
        let (length, address) = server.recv_from(&mut buffer)?;
        server.send_to(&buffer[..length].to_ascii_uppercase(), address)?;
    }
}
