//! A server for many clients at once, that answers in upper case:
//! `cargo run --bin lesson05-server PORT`

use std::env;
use std::error::Error;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

const PLACES: usize = 100;
static TAKEN: AtomicUsize = AtomicUsize::new(0);

/// Answers each request, until the client has left.
fn converse(connection: &mut TcpStream) -> io::Result<()> {
    let mut buffer = [0; 1024];
    // ASK: a client that says nothing keeps its place for ever. Send it away after 3 seconds.
    // 一声不响的客户端会把位子永远占下去。3 秒不说话，就请它离开。
    loop {
        let length = connection.read(&mut buffer)?;
        if length == 0 {
            return Ok(());
        }
        connection.write_all(&buffer[..length].to_ascii_uppercase())?;
    }
}

/// One client, from the first request to the last. Its trouble is nobody else's.
fn serve(mut connection: TcpStream) {
    if let Err(error) = converse(&mut connection) {
        println!("the conversation ends: {error}");
    }
    drop(connection);
    TAKEN.fetch_sub(1, Ordering::SeqCst);
}

/// Tells a client that there is no room.
fn refuse(mut connection: TcpStream) {
    if let Err(error) = connection.write_all(b"busy: all places are taken; try again later\n") {
        println!("nobody hears that there is no room: {error}");
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let port = env::args().nth(1).ok_or("the port is missing")?;
    let server = TcpListener::bind(format!("127.0.0.1:{port}"))?;

    loop {
        let (connection, _address) = server.accept()?;
        // Only this thread takes places, so none is taken between the two lines.
        if TAKEN.load(Ordering::SeqCst) == PLACES {
            refuse(connection);
            continue;
        }
        TAKEN.fetch_add(1, Ordering::SeqCst);
        thread::Builder::new().spawn(move || serve(connection))?;
    }
}
