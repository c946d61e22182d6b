//! A proxy that receives and sends in threads of their own: `cargo run --bin lesson06-queued-server PORT HOST
//! UPSTREAM`

use std::env;
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

/// Puts into the queue what comes. At the end it drops its end of the queue.
fn receive(mut source: &TcpStream, pieces: Sender<Vec<u8>>) {
    let mut buffer = [0; 65536];
    while let Ok(length @ 1..) = source.read(&mut buffer) {
        if pieces.send(buffer[..length].to_vec()).is_err() {
            break; // Nobody takes it any more.
        }
    }
}

/// Sends what is in the queue, and then the end.
fn send(pieces: Receiver<Vec<u8>>, mut sink: &TcpStream) -> io::Result<()> {
    for piece in pieces {
        sink.write_all(&piece)?;
    }
    sink.shutdown(Shutdown::Write)
}

/// Leads one client, until both directions have ended.
fn lead(client: &TcpStream, upstream: &TcpStream) {
    // ASK: a receiver that does not read lets the queue grow, until no memory is left. Let the sender wait.
    // 一方不读，队列就越来越长，直到内存耗尽。让发送方等一等。
    let (put_up, take_up) = channel();
    let (put_down, take_down) = channel();
    thread::scope(|scope| {
        scope.spawn(|| receive(client, put_up));
        scope.spawn(|| send(take_up, upstream));
        scope.spawn(|| receive(upstream, put_down));
        scope.spawn(|| send(take_down, client));
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
