//! From `bare.rs` to `lib.rs`, step 3 of 3: one client's trouble, or silence, ends that client only.
//!
//! `cargo run -p lesson01-server --example bare-lesson01-server-step-3`, then
//! `cargo run -p lesson01-client --example bare-lesson01-client-step-3`.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::time::Duration;

/// How long a client may say nothing, or read nothing.
const IDLE_TIMEOUT: Duration = Duration::from_secs(600);

fn main() -> std::io::Result<()> {
    let phone = TcpListener::bind("127.0.0.1:8001")?; // socket, bind and listen in one call
    println!("listening on {}", phone.local_addr()?);
    loop {
        // One client at a time: the next one waits in the accept queue.
        let (mut conn, client) = phone.accept()?;
        println!("connected: {client}");
        conn.set_read_timeout(Some(IDLE_TIMEOUT))?;
        conn.set_write_timeout(Some(IDLE_TIMEOUT))?;
        match converse(&mut conn) {
            Ok(()) => println!("{client} hung up"),
            Err(error) => println!("{client} is lost: {error}"),
        }
    }
}

/// Talks to one client until it hangs up.
fn converse(conn: &mut (impl Read + Write)) -> std::io::Result<()> {
    loop {
        let mut data = [0; 1024];
        // BROKEN: one recv is taken for one message.
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
