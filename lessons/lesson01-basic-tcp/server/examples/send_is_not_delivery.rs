//! What the number that `send` returns stands for.
//!
//! `cargo run -p lesson01-server --example send_is_not_delivery`
//!
//! Claim: bytes copied into our own kernel; no more, and no less. The tutorial says that sending is
//! complete when the peer has confirmed it, that what exceeds the buffer is lost, and that a send
//! into a full buffer blocks.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use anyhow::{anyhow, bail, ensure};
use console::{claim, here, why};
use socket2::SockRef;

language::catalogue!();

const SIZE: usize = 8 * 1024 * 1024;
const PATIENCE: Duration = Duration::from_secs(1);

fn main() -> anyhow::Result<()> {
    claim!(
        "send returns when our kernel has the bytes, not when the peer has; what\n\
         it does not take is not lost, but still ours to send"
    );

    let listener = TcpListener::bind("127.0.0.1:0")?;
    let mut client = TcpStream::connect_timeout(&listener.local_addr()?, PATIENCE)?;
    let taken = client.write(b"hello")?;
    here!("send(5) = {taken}, and the server has not even called accept");
    ensure!(taken == 5, "all 5 bytes should be taken");

    let (mut server, _) = listener.accept()?;
    SockRef::from(&client).set_send_buffer_size(64 * 1024)?;
    SockRef::from(&server).set_recv_buffer_size(64 * 1024)?;
    let data: Vec<u8> = (0..=250).cycle().take(SIZE).collect();
    let mut sent = 0;
    if cfg!(windows) {
        here!("short counts are not visible here: Windows takes a send whole");
    } else {
        sent = fill(&mut client, &data)?;
    }

    client.set_write_timeout(Some(PATIENCE))?;
    server.set_read_timeout(Some(PATIENCE))?;
    let received = thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut received = Vec::new();
            server.read_to_end(&mut received).map(|_| received)
        });
        client.write_all(&data[sent..])?; // blocking: waits for room, again and again
        client.shutdown(Shutdown::Write)?;
        let received = reader.join().map_err(|_| anyhow!("the reader ended with a panic"))?;
        anyhow::Ok(received?)
    })?;
    here!("blocking: the other {} went as somebody read", SIZE - sent);
    here!("the server read {} bytes in all", received.len());
    ensure!(received == [b"hello", data.as_slice()].concat(), "each byte should arrive once");

    why!(
        "send copies into the kernel's buffer; the kernel transmits when it can.\n\
         Full, it makes a blocking send wait, and a non-blocking one take less,\n\
         or nothing. Bytes are lost only if the count is ignored. Whether the\n\
         peer's program has read them, no count can say: that takes an answer\n\
         from the program"
    );
    Ok(())
}

/// Sends without blocking until the kernel takes no more; returns how many bytes it took.
fn fill(client: &mut TcpStream, data: &[u8]) -> anyhow::Result<usize> {
    client.set_nonblocking(true)?;
    let mut sent = client.write(data)?;
    here!("non-blocking: send({}) = {sent}", data.len());
    let full = loop {
        match client.write(&data[sent..]) {
            Ok(0) => bail!("the kernel took all of it, and nobody had read a byte"),
            Ok(more) => sent += more,
            Err(error) => break error,
        }
    };
    here!("after {sent} bytes: {full}");
    ensure!(full.kind() == ErrorKind::WouldBlock, "a full buffer should say so");
    client.set_nonblocking(false)?;
    Ok(sent)
}
