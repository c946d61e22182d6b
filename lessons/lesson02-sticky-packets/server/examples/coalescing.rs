//! Where two sends become one recv.
//!
//! `cargo run -p lesson02-server --example coalescing`
//!
//! Claim: mainly in the receiver's kernel, when the reader comes later. The tutorial says that the
//! sender waits for a full buffer.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use anyhow::{bail, ensure};
use console::{claim, here, why};

language::catalogue!();

const PATIENCE: Duration = Duration::from_secs(1);

fn main() -> anyhow::Result<()> {
    claim!(
        "two sends are one recv when the reader comes later, even if each has\n\
         left at once; and two when it reads in between"
    );

    let (mut client, mut server) = connect()?;
    client.write_all(b"hello")?;
    client.write_all(b"world")?;
    wait_for(&server, 10)?;
    let late = recv(&mut server)?;
    here!("send, send, recv:                 {late:?}");
    ensure!(late == "helloworld", "the late reader should get both in one");

    client.write_all(b"hello")?;
    wait_for(&server, 5)?;
    let first = recv(&mut server)?;
    client.write_all(b"world")?;
    wait_for(&server, 5)?;
    let second = recv(&mut server)?;
    here!("send, recv, send, recv:           {first:?}, {second:?}");
    ensure!((first.as_str(), second.as_str()) == ("hello", "world"), "one recv for each send");

    client.set_nodelay(true)?;
    client.write_all(b"hello")?;
    wait_for(&server, 5)?; // the first has left, and arrived, before the second is sent
    client.write_all(b"world")?;
    wait_for(&server, 10)?;
    let late = recv(&mut server)?;
    here!("TCP_NODELAY, two segments, recv:  {late:?}");
    ensure!(late == "helloworld", "TCP_NODELAY should not keep them apart");

    why!(
        "the receiver's kernel keeps a queue of bytes, not of messages, and recv\n\
         takes what is there. Nagle's algorithm at the sender waits for no full\n\
         buffer: it holds a small segment only until what was sent before is\n\
         acknowledged, and TCP_NODELAY turns it off. Neither knows where a\n\
         message ends"
    );
    Ok(())
}

/// Waits until `count` bytes are in the receiver's kernel. A peek leaves them there.
fn wait_for(stream: &TcpStream, count: usize) -> anyhow::Result<()> {
    let begun = Instant::now();
    while stream.peek(&mut [0; 1024])? < count {
        if begun.elapsed() > PATIENCE {
            bail!("{count} bytes did not arrive within {PATIENCE:?}");
        }
        std::thread::yield_now();
    }
    Ok(())
}

fn recv(stream: &mut TcpStream) -> io::Result<String> {
    let mut buffer = [0; 1024];
    let n = stream.read(&mut buffer)?;
    Ok(String::from_utf8_lossy(&buffer[..n]).into_owned())
}

fn connect() -> io::Result<(TcpStream, TcpStream)> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let client = TcpStream::connect_timeout(&listener.local_addr()?, PATIENCE)?;
    let (server, _) = listener.accept()?;
    server.set_read_timeout(Some(PATIENCE))?;
    Ok((client, server))
}
