//! A client that sends each line as a command, without a length:
//! `cargo run --bin lesson02-client HOST PORT`

use std::env;
use std::error::Error;
use std::io::{self, Read, Write};
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
        // One read is taken for one answer. What it leaves is taken for the next one.
        let mut buffer = [0; 1024];
        let length = connection.read(&mut buffer)?;
        if length == 0 {
            return Err("the server has hung up".into());
        }
        println!("{}", String::from_utf8_lossy(&buffer[..length]));
    }
    Ok(())
}
