//! Whether a large recv gets a whole message.
//!
//! `cargo run -p lesson02-server --example big_recv`
//!
//! Claim: `recv(65536)` returns half a message if half is there, and two if two are. The tutorial
//! says that a large size solves the problem.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use anyhow::{bail, ensure};
use console::{claim, here, why};

language::catalogue!();

const MESSAGE: usize = 2000;
const PATIENCE: Duration = Duration::from_secs(1);

fn main() -> anyhow::Result<()> {
    claim!("recv(65536) returns what is there: half a message, or two in one");

    let listener = TcpListener::bind("127.0.0.1:0")?;
    let mut client = TcpStream::connect_timeout(&listener.local_addr()?, PATIENCE)?;
    let (mut server, _) = listener.accept()?;
    server.set_read_timeout(Some(PATIENCE))?;
    let mut buffer = vec![0; 65536];

    let (half, rest) = (&[b'a'; MESSAGE / 2], &[b'a'; MESSAGE / 2]);
    client.write_all(half)?;
    wait_for(&server, half.len())?;
    let first = server.read(&mut buffer)?;
    client.write_all(rest)?;
    wait_for(&server, rest.len())?;
    let second = server.read(&mut buffer)?;
    here!("one message of {MESSAGE}, sent in halves: recv = {first}, recv = {second}");
    ensure!((first, second) == (MESSAGE / 2, MESSAGE / 2), "each recv should return a half");

    client.write_all(&[b'b'; MESSAGE])?;
    client.write_all(&[b'c'; MESSAGE])?;
    wait_for(&server, 2 * MESSAGE)?;
    let both = server.read(&mut buffer)?;
    here!("two messages of {MESSAGE}:              recv = {both}");
    ensure!(both == 2 * MESSAGE, "one recv should return both");

    why!(
        "the size is the most that recv may return. It does not wait for so many,\n\
         and does not stop at the end of a message, for it knows none. Only a\n\
         length or a mark in the stream says where that is: lesson 03"
    );
    Ok(())
}

/// Waits until `count` bytes are in the receiver's kernel. A peek leaves them there.
fn wait_for(stream: &TcpStream, count: usize) -> anyhow::Result<()> {
    let begun = Instant::now();
    while stream.peek(&mut [0; 65536])? < count {
        if begun.elapsed() > PATIENCE {
            bail!("{count} bytes did not arrive within {PATIENCE:?}");
        }
        std::thread::yield_now();
    }
    Ok(())
}
