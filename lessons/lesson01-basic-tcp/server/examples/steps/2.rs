//! From `bare.rs` to `lib.rs`, step 2 of 3: the talk with one client is a function, for any stream.
//!
//! `cargo run -p lesson01-server --example bare-lesson01-server-step-2`, then
//! `cargo run -p lesson01-client --example bare-lesson01-client-step-2`.

use std::io::{Read, Write};
use std::net::TcpListener;

fn main() -> std::io::Result<()> {
    let phone = TcpListener::bind("127.0.0.1:8001")?; // socket, bind and listen in one call
    println!("listening on {}", phone.local_addr()?);
    loop {
        // BROKEN: one client at a time, for as long as that client likes.
        let (mut conn, client) = phone.accept()?;
        println!("connected: {client}");
        converse(&mut conn)?;
    }
}

/// Talks to one client until it hangs up.
fn converse(conn: &mut (impl Read + Write)) -> std::io::Result<()> {
    loop {
        let mut data = [0; 1024];
        // BROKEN: one recv is taken for one message, and a reset ends the whole server.
        let n = conn.read(&mut data)?;
        if n == 0 {
            return Ok(());
        }
        println!("from the client: {:?}", String::from_utf8_lossy(&data[..n]));
        // Python's sendall: it sends again until the kernel has taken all.
        conn.write_all(&answer(&data[..n]))?;
    }
}

/// Bytes in, bytes out, and no socket in sight.
fn answer(request: &[u8]) -> Vec<u8> {
    request.to_ascii_uppercase()
}
