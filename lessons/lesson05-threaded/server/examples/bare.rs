//! The tutorial's threaded server that tells what it receives, line for line, with its mistakes
//! left in.
//!
//! `cargo run -p lesson05-server --example bare-lesson05-server`, then
//! `cargo run -p lesson05-client --example bare-lesson05-client`, in as many terminals as you like.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;

fn main() -> std::io::Result<()> {
    let server = TcpListener::bind("127.0.0.1:8005")?;
    println!("listening on {}", server.local_addr()?);
    loop {
        // The loop over connections. BROKEN: one accept that fails ends the server for everyone.
        let (conn, addr) = server.accept()?;
        // BROKEN: a thread for each client, however many come; and if there is no thread to be had,
        // spawn panics.
        thread::spawn(move || {
            println!("conn is: {conn:?}");
            println!("addr is: {addr}");
            if let Err(error) = handle(conn, addr) {
                println!("{error}"); // and only this client has gone
            }
        });
    }
}

fn handle(mut conn: TcpStream, addr: SocketAddr) -> std::io::Result<()> {
    loop {
        let mut data = [0; 1024];
        // BROKEN: one recv is taken for one message, and a silent client keeps its thread for ever.
        let n = conn.read(&mut data)?;
        if n == 0 {
            return Ok(());
        }
        println!("message from the client: {:?} {addr}", String::from_utf8_lossy(&data[..n]));
        conn.write_all(&data[..n].to_ascii_uppercase())?;
    }
}
