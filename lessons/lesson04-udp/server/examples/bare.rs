//! The tutorial's UDP server, line for line, with its mistakes left in.
//!
//! `cargo run -p lesson04-server --example bare-lesson04-server`, then
//! `cargo run -p lesson04-client --example bare-lesson04-client`.

use std::net::UdpSocket;

fn main() -> std::io::Result<()> {
    let server = UdpSocket::bind("127.0.0.1:8004")?; // socket and bind; no listen, no accept
    println!("listening on {}", server.local_addr()?);
    loop {
        let mut data = [0; 1024];
        // BROKEN: what a datagram has beyond 1024 bytes is lost, and nobody notices. (On Windows it
        // is an error, and with it this server ends; so does it when a client has gone.)
        let (n, client) = server.recv_from(&mut data)?;
        println!("===> {:?} {client}", String::from_utf8_lossy(&data[..n]));
        // BROKEN: one answer that cannot be sent ends the server for everyone.
        server.send_to(&data[..n].to_ascii_uppercase(), client)?;
    }
}
