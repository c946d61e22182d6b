//! A client that asks each line in a datagram: `cargo run --bin lesson04-client HOST PORT`

use std::env;
use std::error::Error;
use std::io;
use std::net::UdpSocket;

/// The server's answer.
fn ask(client: &UdpSocket, server: &str, question: &[u8]) -> io::Result<Vec<u8>> {
    let mut buffer = [0; 65507];
    // ASK: the question or its answer may be lost. Wait half a second, and ask again; after four
    // times, give up.
    // 问题或回答都可能丢失。等半秒再问一次，问了四次还没有回答，就放弃。
    client.send_to(question, server)?;
    let (length, _address) = client.recv_from(&mut buffer)?;
    Ok(buffer[..length].to_vec())
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
