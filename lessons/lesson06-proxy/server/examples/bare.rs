//! The tutorial's proxy, line for line, with its mistakes left in.
//!
//! `cargo run -p lesson05-server`, `cargo run -p lesson06-server --example bare-lesson06-server`,
//! then `cargo run -p lesson05-client -- --connect 127.0.0.1:8006`.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

fn main() -> std::io::Result<()> {
    loop {
        // Game2Proxy. BROKEN: the listener is closed after each client and opened again for the
        // next, who is refused in between.
        let listener = TcpListener::bind("127.0.0.1:8006")?;
        println!("listening on {}", listener.local_addr()?);
        let (game, _) = listener.accept()?;
        drop(listener);
        // Proxy2Server. BROKEN: an upstream that is down ends the proxy, for everyone.
        let server = TcpStream::connect("127.0.0.1:8005")?;
        // Proxy: they exchange their sockets, and start.
        let (to_server, to_game) = (server.try_clone()?, game.try_clone()?);
        thread::spawn(move || run(game, to_server, "->"));
        thread::spawn(move || run(server, to_game, "<-"));
    }
}

fn run(mut from: TcpStream, mut to: TcpStream, arrow: &str) -> std::io::Result<()> {
    loop {
        let mut data = [0; 4096];
        let n = from.read(&mut data)?;
        // BROKEN: an empty recv is the end of the stream, and here it is nothing. The other side
        // never hears of it, and this thread asks again and again, as fast as it can.
        if n > 0 {
            println!("[8006] {arrow} {:?}", String::from_utf8_lossy(&data[..n.min(100)]));
            to.write_all(&data[..n])?;
        }
    }
}
