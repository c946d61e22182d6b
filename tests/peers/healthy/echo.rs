//! A healthy server: echoes messages with a big-endian length of 4 bytes in front (`>I`).
//!
//! ```text
//! rustc -O echo.rs && ./echo PORT
//! ```

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

/// The longest message that is taken, in bytes.
const LIMIT: u32 = 16 << 20;

fn main() -> io::Result<()> {
    let port = std::env::args().nth(1).and_then(|port| port.parse().ok()).unwrap_or(7000);
    for stream in TcpListener::bind(("127.0.0.1", port))?.incoming() {
        // One client's trouble ends that client only.
        thread::spawn(move || stream.and_then(converse));
    }
    Ok(())
}

fn converse(mut stream: TcpStream) -> io::Result<()> {
    let mut length = [0; 4];
    // read_exact calls read until all of them are there, or the stream ends.
    while stream.read_exact(&mut length).is_ok() {
        let size = u32::from_be_bytes(length);
        if size > LIMIT {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let mut message = length.to_vec();
        message.resize(4 + size as usize, 0);
        stream.read_exact(&mut message[4..])?;
        stream.write_all(&message)?;
    }
    Ok(())
}
