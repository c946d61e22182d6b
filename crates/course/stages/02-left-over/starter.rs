//! A client that sends each line as a command, without a length:
//! `cargo run --bin lesson02-client HOST PORT`

use std::env;
use std::error::Error;
use std::io::{self, Write};
use std::net::TcpStream;

fn main() -> Result<(), Box<dyn Error>> {
    let host = env::args().nth(1).ok_or("the host is missing")?;
    let port = env::args().nth(2).ok_or("the port is missing")?;
    let mut connection = TcpStream::connect(format!("{host}:{port}"))?;

    for line in io::stdin().lines() {
        let line = line?;
        let command = line.trim();
        if command.is_empty() {
            continue;
        }
        connection.write_all(command.as_bytes())?;
        // ASK: receive the answer with one read, of at most 1024 bytes, and print it.
        // 请用一次 read 接收回答，最多 1024 个字节，再打印出来。
    }
    Ok(())
}
