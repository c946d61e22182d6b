//! The least that a client of the proxy can be: one line there, and one answer back. The tutorial
//! leaves that to the programs that talk through its proxy, so nothing here is taken from it.
//!
//! `cargo run -p lesson05-server`, `cargo run -p lesson06-server --example bare-lesson06-server`,
//! then `cargo run -p lesson06-client --example bare-lesson06-client`.

use std::io::{Read, Write};
use std::net::TcpStream;

fn main() -> std::io::Result<()> {
    // To a client the proxy is the server: nothing here knows of the one behind it.
    let mut client = TcpStream::connect("127.0.0.1:8006")?;
    // BROKEN: send may take less than all, and nobody looks at how much it took.
    let _taken = client.write(b"hello through the proxy")?;
    let mut data = [0; 1024];
    // BROKEN: one recv is taken for the whole answer, and a proxy may cut it anywhere. An empty one
    // is the end of the stream, and is taken for an answer too.
    let n = client.read(&mut data)?;
    println!("{}", String::from_utf8_lossy(&data[..n]));
    Ok(())
}
