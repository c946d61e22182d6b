//! Where a message ends, over UDP.
//!
//! `cargo run -p lesson04-server --example edges`
//!
//! Claim: where its datagram ends. Two sends are two recvs, however late the reader comes and
//! however much room it has; and an empty datagram is received as one.

use std::io::ErrorKind;
use std::net::UdpSocket;
use std::time::Duration;

use anyhow::ensure;
use console::{claim, here, why};

language::catalogue!();

/// How long to wait for what should come.
const RECV_TIMEOUT: Duration = Duration::from_secs(1);

fn main() -> anyhow::Result<()> {
    claim!(
        "three sends, one of them empty, are three recvs, though the reader comes\n\
         later and has room for all of them"
    );

    let server = UdpSocket::bind("127.0.0.1:0")?;
    let client = UdpSocket::bind("127.0.0.1:0")?;
    server.set_read_timeout(Some(RECV_TIMEOUT))?;
    for message in ["hello", "", "world"] {
        let sent = client.send_to(message.as_bytes(), server.local_addr()?)?;
        here!("sendto({message:?}) = {sent}");
    }

    let mut buffer = [0; 65_536];
    let mut received = Vec::new();
    for _ in 0..3 {
        let (n, _) = server.recv_from(&mut buffer)?;
        let message = String::from_utf8_lossy(&buffer[..n]).into_owned();
        here!("recvfrom(65536) = {n}: {message:?}");
        received.push(message);
    }
    // UDP promises no order, so none is asserted, although one machine nearly always keeps it.
    received.sort();
    ensure!(received == ["", "hello", "world"], "each send should be a recv of its own");

    server.set_nonblocking(true)?;
    let fourth = server.recv_from(&mut buffer).map_err(|error| error.kind());
    ensure!(fourth == Err(ErrorKind::WouldBlock), "there should be no fourth, and is: {fourth:?}");
    here!("and one more: nothing");

    why!(
        "the receiver's kernel keeps a queue of datagrams, each with its length\n\
         and its sender, where for TCP it keeps a queue of bytes (lesson 02). One\n\
         recv takes one datagram. An empty one still has its headers, so there is\n\
         something to receive; 0 is no end here: there is no connection to end"
    );
    Ok(())
}
