//! A client that asks each line in a datagram: `cargo run --bin lesson04-client HOST PORT`

use std::env;
use std::error::Error;
use std::io;
use std::net::UdpSocket;
use std::time::Duration;

/// The server's answer, for which it is asked four times at most.
fn ask(client: &UdpSocket, server: &str, question: &[u8]) -> io::Result<Vec<u8>> {
    let mut buffer = [0; 65507];
    for _ in 0..4 {
        client.send_to(question, server)?;
        match client.recv_from(&mut buffer) {
            Ok((length, _address)) => return Ok(buffer[..length].to_vec()),
            Err(error) => eprintln!("no answer: {error}"),
        }
    }
    Err(io::Error::other("nobody answers"))
}

fn main() -> Result<(), Box<dyn Error>> {
    let host = env::args().nth(1).ok_or("the host is missing")?;
    let port = env::args().nth(2).ok_or("the port is missing")?;
    let server = format!("{host}:{port}");
    // ASK: anybody may send to this socket. Take an answer from the server only.
    // 谁都可以往这个 socket 发。只收服务端的回答。
    let client = UdpSocket::bind("127.0.0.1:0")?;
    client.set_read_timeout(Some(Duration::from_millis(500)))?;

    for line in io::stdin().lines() {
        let line = line?;
        let answer = ask(&client, &server, line.trim().as_bytes())?;
        println!("{}", String::from_utf8_lossy(&answer));
    }
    Ok(())
}
