//! The tutorial's UDP client, line for line, with what it leaves out still left out.
//!
//! `cargo run -p lesson04-server --example bare-lesson04-server`, then
//! `cargo run -p lesson04-client --example bare-lesson04-client`.

use std::io::stdin;
use std::net::UdpSocket;

fn main() -> std::io::Result<()> {
    let client = UdpSocket::bind("127.0.0.1:0")?; // no connect: each send names its target
    // The tutorial's loop ends only when Ctrl-C kills it; this one also ends with its input.
    for line in stdin().lines() {
        let msg = line?.trim().to_owned();
        // An empty line is sent too: an empty datagram is one, and is answered by an empty one.
        client.send_to(msg.as_bytes(), "127.0.0.1:8004")?;
        let mut data = [0; 1024];
        // BROKEN: if the request or its answer is lost, or nobody is there, this waits for ever.
        // BROKEN: whoever knows our port can answer; nobody looks at where this came from.
        let (n, _anyone) = client.recv_from(&mut data)?;
        println!("{:?}", String::from_utf8_lossy(&data[..n]));
    }
    Ok(())
}
