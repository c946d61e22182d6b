//! The tutorial's remote command client, line for line, with what it leaves out still left out.
//!
//! `cargo run -p lesson02-server --example bare-lesson02-server -- shell`, then
//! `cargo run -p lesson02-client --example bare-lesson02-client`.

use std::io::{Read, Write, stdin};
use std::net::TcpStream;

fn main() -> std::io::Result<()> {
    let mut client = TcpStream::connect("127.0.0.1:8002")?;
    for cmd in stdin().lines() {
        // BROKEN: a blank line sends nothing, and then the read below waits for ever.
        client.write_all(cmd?.as_bytes())?;
        let mut data = [0; 1024];
        // BROKEN: one recv is taken for the whole answer. The rest of a longer one is read as the
        // answer to the next command, and a command that prints nothing is waited for in vain.
        let n = client.read(&mut data)?;
        println!("from server: {:?}", String::from_utf8_lossy(&data[..n]));
    }
    Ok(())
}
