//! A client that comes back when its server has gone: `cargo run --bin lesson05-client HOST PORT`

use std::env;
use std::error::Error;
use std::io::{self, Read, Write};
use std::net::TcpStream;

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

/// The answer, for which the server is called again if it has hung up.
fn ask(connection: &mut TcpStream, question: &[u8]) -> io::Result<Vec<u8>> {
    match exchange(connection, question) {
        Ok(answer) => Ok(answer),
        Err(error) => {
            eprintln!("calling again: {error}");
            *connection = connect()?;
            exchange(connection, question)
        }
    }
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
