//! From `bare.rs` to `lib.rs`, step 1 of 4: what goes wrong with one client ends nobody else.
//!
//! `cargo run -p lesson05-server --example bare-lesson05-server-step-1`, then
//! `cargo run -p lesson05-client --example bare-lesson05-client-step-1`, in as many terminals as you like.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::{thread, time::Duration};

fn main() -> std::io::Result<()> {
    let server = TcpListener::bind("127.0.0.1:8005")?;
    println!("listening on {}", server.local_addr()?);
    loop {
        // A client that has left again, or no descriptor to be had: that passes, and the server stays.
        let Ok((conn, addr)) = server.accept() else {
            thread::sleep(Duration::from_millis(100));
            continue;
        };
        // BROKEN: a thread for each client, however many come.
        let serve = move || {
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

fn handle(mut conn: TcpStream, addr: SocketAddr) -> std::io::Result<()> {
    loop {
        let mut data = [0; 1024];
        // BROKEN: a silent client keeps its thread for ever.
        let n = conn.read(&mut data)?;
        if n == 0 {
            return Ok(());
        }
        println!("message from the client: {:?} {addr}", String::from_utf8_lossy(&data[..n]));
        conn.write_all(&data[..n].to_ascii_uppercase())?;
    }
}
