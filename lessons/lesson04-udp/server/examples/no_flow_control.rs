//! What stops a sender who is too fast.
//!
//! `cargo run -p lesson04-server --example no_flow_control`
//!
//! Claim: over UDP nothing: all sends succeed, and what the receiver has no room for is dropped.
//! TCP's sender is stopped, and loses nothing. The tutorial says that UDP does not verify; but what
//! arrives is verified, by a checksum.

use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::time::Duration;

use anyhow::{bail, ensure};
use console::{claim, here, why};
use socket2::SockRef;

language::catalogue!();

/// How many messages are sent while nobody reads, and how long each is, in bytes.
const COUNT: usize = 10_000;
const MESSAGE: [u8; 1000] = [b'x'; 1000];
/// How many bytes each kernel is asked to keep: room for a part of the messages.
const KERNEL_BUFFER: usize = 64 * 1024;
/// How long to wait for what should come.
const RECV_TIMEOUT: Duration = Duration::from_secs(1);

fn main() -> anyhow::Result<()> {
    claim!(
        "of {COUNT} datagrams to a socket that nobody reads, all are sent and\n\
         fewer arrive; a TCP sender is stopped, and all that was taken arrives"
    );

    if cfg!(not(target_os = "linux")) {
        here!("not visible on every system: some refuse a sender now and then");
        return Ok(());
    }
    datagrams()?;
    stream()?;

    why!(
        "TCP's receiver says with each acknowledgement how much room it has, and\n\
         the sender keeps to that: flow control. UDP has no acknowledgements. The\n\
         kernel that drops counts it (netstat -su, receive buffer errors), and\n\
         tells neither program. UDP does have a checksum (RFC 768): what arrives\n\
         is whole. What it lacks is repetition, order and flow control"
    );
    Ok(())
}

/// Sends all before anything is read, and counts what is there then.
fn datagrams() -> anyhow::Result<()> {
    let server = UdpSocket::bind("127.0.0.1:0")?;
    SockRef::from(&server).set_recv_buffer_size(KERNEL_BUFFER)?;
    let client = UdpSocket::bind("127.0.0.1:0")?;
    client.connect(server.local_addr()?)?;

    let mut sent = 0;
    for _ in 0..COUNT {
        sent += usize::from(client.send(&MESSAGE)? == MESSAGE.len());
    }
    // Nobody sends any more, so at the first silence all that is there has been counted.
    server.set_read_timeout(Some(Duration::from_millis(100)))?;
    let mut arrived = 0;
    let end = loop {
        match server.recv(&mut [0; MESSAGE.len()]) {
            Ok(_) => arrived += 1,
            Err(error) => break error,
        }
    };
    ensure!(end.kind() == ErrorKind::WouldBlock, "the socket failed: {end}");
    here!("UDP: sent {sent}, arrived {arrived}, lost {}", sent - arrived);
    ensure!(sent == COUNT, "every send should succeed");
    ensure!(arrived > 0 && arrived < COUNT, "some should arrive, and not all");
    Ok(())
}

/// The same over TCP: sends until the kernel takes no more, and then lets the server read.
fn stream() -> anyhow::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    SockRef::from(&listener).set_recv_buffer_size(KERNEL_BUFFER)?;
    let mut client = TcpStream::connect_timeout(&listener.local_addr()?, RECV_TIMEOUT)?;
    let (mut server, _) = listener.accept()?;
    SockRef::from(&client).set_send_buffer_size(KERNEL_BUFFER)?;
    client.set_nonblocking(true)?;

    let mut taken = 0;
    let stopped = loop {
        match client.write(&MESSAGE) {
            Ok(n) if taken < COUNT * MESSAGE.len() => taken += n,
            Ok(_) => bail!("nothing stopped the TCP sender"),
            Err(error) => break error,
        }
    };
    here!("TCP: taken {taken} bytes of 10000000, then {:?}", stopped.kind());
    ensure!(stopped.kind() == ErrorKind::WouldBlock, "the sender should be asked to wait");
    drop(client);
    server.set_read_timeout(Some(RECV_TIMEOUT))?;
    let arrived = server.read_to_end(&mut Vec::new())?;
    here!("TCP: arrived {arrived} bytes, lost {}", taken - arrived);
    ensure!(arrived == taken, "all that was taken should arrive");
    Ok(())
}
