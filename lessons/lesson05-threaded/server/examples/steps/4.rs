//! From `bare.rs` to `lib.rs`, step 4 of 4: there are so many places and no more, and that is told.
//!
//! `cargo run -p lesson05-server --example bare-lesson05-server-step-4`, then
//! `cargo run -p lesson05-client --example bare-lesson05-client-step-4`, in as many terminals as you like.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::{thread, time::Duration};

const MAX_CLIENTS: usize = 64;
static TAKEN: AtomicUsize = AtomicUsize::new(0);
/// A client's place: to drop it is to give it back, also when the conversation panics.
struct Place;

impl Drop for Place {
    fn drop(&mut self) {
        TAKEN.fetch_sub(1, Relaxed);
    }
}

fn main() -> std::io::Result<()> {
    let server = TcpListener::bind("127.0.0.1:8005")?;
    println!("listening on {}", server.local_addr()?);
    loop {
        // A client that has left again, or no descriptor to be had: that passes, and the server stays.
        let Ok((mut conn, addr)) = server.accept() else {
            thread::sleep(Duration::from_millis(100));
            continue;
        };
        if TAKEN.load(Relaxed) >= MAX_CLIENTS {
            // A few bytes always fit into an empty send buffer, so this waits for nobody.
            let _left = conn.write_all(b"busy: all places are taken\n");
            continue;
        }
        TAKEN.fetch_add(1, Relaxed);
        let place = Place;
        let serve = move || {
            let _place = place;
            println!("conn is: {conn:?}");
            println!("addr is: {addr}");
            if let Err(error) = handle(conn, addr) {
                println!("{error}"); // and only this client has gone
            }
        };
        // The connection goes with the closure: without a thread this client is hung up on.
        if let Err(error) = thread::Builder::new().spawn(serve) {
            println!("no thread for {addr}: {error}");
        }
    }
}

/// For so long a client may say nothing, and may take nothing of its answer.
const TIMEOUT: Duration = Duration::from_secs(30);

fn handle(mut conn: TcpStream, addr: SocketAddr) -> std::io::Result<()> {
    conn.set_read_timeout(Some(TIMEOUT))?;
    conn.set_write_timeout(Some(TIMEOUT))?;
    loop {
        let mut data = [0; 1024];
        // A silent client ends this with an error, and gives its thread back.
        let n = conn.read(&mut data)?;
        if n == 0 {
            return Ok(());
        }
        println!("message from the client: {:?} {addr}", String::from_utf8_lossy(&data[..n]));
        conn.write_all(&data[..n].to_ascii_uppercase())?;
    }
}
