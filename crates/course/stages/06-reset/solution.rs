//! A proxy between clients and a server, its upstream: `cargo run --bin lesson06-server PORT HOST UPSTREAM`

use std::env;
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use socket2::SockRef;

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

/// From now on, closing this connection sends a reset. Who waits for its bytes waits no longer.
fn reset(connection: &TcpStream) {
    // Either may fail if this side is gone already.
    let _ = SockRef::from(connection).set_linger(Some(Duration::ZERO));
    let _ = connection.shutdown(Shutdown::Read);
}

/// Copies one way; when one side breaks off, the other one hears it.
fn direction(source: &TcpStream, sink: &TcpStream) {
    if copy(source, sink).is_err() {
        reset(source);
        reset(sink);
    }
}

/// Leads one client, until both directions have ended.
fn lead(client: &TcpStream, upstream: &TcpStream) {
    thread::scope(|scope| {
        scope.spawn(|| direction(upstream, client));
        scope.spawn(|| direction(client, upstream));
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
