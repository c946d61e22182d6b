//! A proxy between clients and a server, its upstream: `cargo run --bin lesson06-server PORT HOST UPSTREAM`

use std::env;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

/// Passes on what comes from one side to the other.
fn copy(mut source: &TcpStream, mut sink: &TcpStream) -> io::Result<()> {
    let mut buffer = [0; 65536];
    loop {
        let length = source.read(&mut buffer)?;
        if length == 0 {
            break;
        }
        sink.write_all(&buffer[..length])?;
    }
    Ok(())
}

/// Leads one client, until both directions have ended.
fn lead(client: &TcpStream, upstream: &TcpStream) {
    thread::scope(|scope| {
        scope.spawn(|| copy(upstream, client));
        scope.spawn(|| copy(client, upstream));
    });
}

fn main() -> io::Result<()> {
    let words: Vec<String> = env::args().collect();
    let [_, port, host, upstream_port] = words.as_slice() else { panic!("PORT HOST UPSTREAM") };
    let server = TcpListener::bind(format!("127.0.0.1:{port}"))?;
    loop {
        let (client, _address) = server.accept()?;
        let upstream = TcpStream::connect(format!("{host}:{upstream_port}"))?;
        thread::spawn(move || lead(&client, &upstream));
    }
}
