//! A client that asks each line in a datagram: `cargo run --bin lesson04-client HOST PORT`

use std::env;
use std::error::Error;
use std::io;
use std::net::UdpSocket;

/// The server's answer.
fn ask(client: &UdpSocket, server: &str, question: &[u8]) -> io::Result<Vec<u8>> {
    // ASK: send the question to the server, receive the answer, and return it.
    // 请把问题发给服务端，接收回答，再返回。
    println!("{client:?} should ask {server} {question:?}");
    Ok(Vec::new())
}

fn main() -> Result<(), Box<dyn Error>> {
    let host = env::args().nth(1).ok_or("the host is missing")?;
    let port = env::args().nth(2).ok_or("the port is missing")?;
    let server = format!("{host}:{port}");
    let client = UdpSocket::bind("127.0.0.1:0")?;

    for line in io::stdin().lines() {
        let line = line?;
        let answer = ask(&client, &server, line.trim().as_bytes())?;
        println!("{}", String::from_utf8_lossy(&answer));
    }
    Ok(())
}
