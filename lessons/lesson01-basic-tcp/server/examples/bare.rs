//! The tutorial's server, line for line, with what it leaves out still left out.
//!
//! `cargo run -p lesson01-server --example bare-lesson01-server`, then
//! `cargo run -p lesson01-client --example bare-lesson01-client`.

use std::io::{Read, Write};
use std::net::TcpListener;

fn main() -> std::io::Result<()> {
    let phone = TcpListener::bind("127.0.0.1:8001")?; // socket, bind and listen in one call
    println!("listening on {}", phone.local_addr()?);
    loop {
        // BROKEN: one client at a time, for as long as that client likes.
        let (mut conn, client) = phone.accept()?;
        println!("connected: {client}");
        loop {
            let mut data = [0; 1024];
            // BROKEN: one recv is taken for one message, and a reset ends the whole server.
            let n = conn.read(&mut data)?;
            if n == 0 {
                break;
            }
            println!("from the client: {:?}", String::from_utf8_lossy(&data[..n]));
            // BROKEN: send may take less than all, and nobody looks at how much it took.
            let _taken = conn.write(&data[..n].to_ascii_uppercase())?;
        }
    }
}
