//! A proxy between clients and a server, its upstream: `cargo run --bin lesson06-server PORT HOST UPSTREAM`

use std::env;
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::thread;

/// Passes on what comes from one side to the other, and then the end.
fn copy(mut source: &TcpStream, mut sink: &TcpStream) -> io::Result<()> {
    let mut buffer = [0; 65536];
    loop {
        let length = source.read(&mut buffer)?;
        if length == 0 {
            break;
        }
        sink.write_all(&buffer[..length])?;
    }
    // The other direction may still have an answer to bring: only this one ends.
    sink.shutdown(Shutdown::Write)
}

/// Leads one client, until both directions have ended.
fn lead(client: &TcpStream, upstream: &TcpStream) {
    thread::scope(|scope| {
        // ASK: one side may break off, and read or write_all returns an error. Break off the other side, too.
        // 某一边可能突然中断，read 或 write_all 返回错误。这时也要中断另一边。
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
