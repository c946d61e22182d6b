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
        if length == 0 {
            return Err("the client has left".into());
        }
        // ASK: send the question back in upper case, to the address that it came from.
        // 请把问题变成大写，发回它来的地址。
        println!("{address} asks {:?}", &buffer[..length]);
    }
}
