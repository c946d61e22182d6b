//! A client that comes back when its server has gone: `cargo run --bin lesson05-client HOST PORT`

use std::env;
use std::error::Error;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

/// A connection to the server.
fn connect() -> io::Result<TcpStream> {
    let missing = || io::Error::other("usage: lesson05-client HOST PORT");
    let host = env::args().nth(1).ok_or_else(missing)?;
    let port = env::args().nth(2).ok_or_else(missing)?;
    TcpStream::connect(format!("{host}:{port}"))
}

/// The answer, which is as long as the question.
fn exchange(connection: &mut TcpStream, question: &[u8]) -> io::Result<Vec<u8>> {
    connection.write_all(question)?;
    let mut answer = vec![0; question.len()];
    let mut filled = 0;
    while filled < answer.len() {
        let count = connection.read(&mut answer[filled..])?;
        if count == 0 {
            return Err(io::Error::other("the server has hung up"));
        }
        filled += count;
    }
    Ok(answer)
}

/// The answer, for which the server is called again, with growing pauses between the calls.
fn ask(connection: &mut TcpStream, question: &[u8]) -> io::Result<Vec<u8>> {
    for attempt in 0..7 {
        match exchange(connection, question) {
            Ok(answer) => return Ok(answer),
            Err(error) => eprintln!("calling again: {error}"),
        }
        // 0.1 s, 0.2 s, 0.4 s …; many clients should add something random to it.
        thread::sleep(Duration::from_millis(100 << attempt));
        match connect() {
            Ok(new) => *connection = new,
            Err(error) => eprintln!("cannot connect: {error}"),
        }
    }
    Err(io::Error::other("the server does not come back"))
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut connection = connect()?;

    for line in io::stdin().lines() {
        let line = line?;
        let question = line.trim().as_bytes();
        if !question.is_empty() {
            let answer = ask(&mut connection, question)?;
            println!("{}", String::from_utf8_lossy(&answer));
        }
    }
    Ok(())
}
