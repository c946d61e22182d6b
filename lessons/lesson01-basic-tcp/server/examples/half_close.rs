//! What `shutdown` ends, and what it leaves.
//!
//! `cargo run -p lesson01-server --example half_close`
//!
//! Claim: an empty recv may come from a client that still listens; `shutdown` releases nothing; and
//! `SHUT_RD` tells the peer nothing. The tutorial takes an empty recv for a client that has gone,
//! and `shutdown` for a faster `close`.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use anyhow::ensure;
use console::{claim, here, why};

language::catalogue!();

const PATIENCE: Duration = Duration::from_secs(1);

fn main() -> anyhow::Result<()> {
    claim!(
        "after SHUT_WR the peer reads the end and can still answer; the\n\
         descriptor stays; SHUT_RD tells the peer nothing"
    );
    let mut buffer = [0; 64];

    let (mut client, mut server) = connect()?;
    client.write_all(b"question")?;
    client.shutdown(Shutdown::Write)?;
    let mut question = String::new();
    server.read_to_string(&mut question)?; // up to the empty recv
    server.write_all(b"answer")?;
    let n = client.read(&mut buffer)?;
    here!("SHUT_WR: the server read {question:?}, then the end, and answered");
    here!("the client, half closed, read {:?}", String::from_utf8_lossy(&buffer[..n]));
    ensure!(question == "question" && &buffer[..n] == b"answer", "both should arrive");

    client.shutdown(Shutdown::Both)?;
    here!("SHUT_RDWR: the socket is still ours, at {}", client.local_addr()?);

    if cfg!(target_os = "linux") {
        shut_receiving()?;
    } else {
        here!("SHUT_RD: not shown on this system; each has its own way with late data");
    }

    why!(
        "TCP has a FIN for the sending direction and no word for the other. So\n\
         SHUT_WR says \"no more from me\", and SHUT_RD stays at home; it only lets\n\
         recv return empty. The descriptor is given back by close, and by nothing\n\
         else"
    );
    Ok(())
}

/// The server shuts its receiving side; neither the client nor the data that it sends are stopped.
fn shut_receiving() -> anyhow::Result<()> {
    let mut buffer = [0; 64];
    let (mut client, mut server) = connect()?;
    server.shutdown(Shutdown::Read)?;
    ensure!(server.read(&mut buffer)? == 0, "with nothing there, recv should be empty");

    // Data that come after it show that it sent neither a FIN nor a RST: no data follow those.
    server.write_all(b"on")?;
    let n = client.read(&mut buffer)?;
    here!("SHUT_RD: the client then read {:?}", String::from_utf8_lossy(&buffer[..n]));
    ensure!(&buffer[..n] == b"on", "the client should still be sent data");

    client.write_all(b"late")?;
    let n = read_when_there(&mut server, &mut buffer)?;
    here!("and sent {:?}, which was read", String::from_utf8_lossy(&buffer[..n]));
    ensure!(&buffer[..n] == b"late", "late data should be delivered");
    Ok(())
}

/// After `SHUT_RD` an empty buffer reads as the end, at once. So ask again until something is there.
fn read_when_there(stream: &mut TcpStream, buffer: &mut [u8]) -> io::Result<usize> {
    let begun = Instant::now();
    loop {
        match stream.read(buffer)? {
            0 if begun.elapsed() < PATIENCE => std::thread::yield_now(),
            n => return Ok(n),
        }
    }
}

fn connect() -> io::Result<(TcpStream, TcpStream)> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let client = TcpStream::connect_timeout(&listener.local_addr()?, PATIENCE)?;
    let (server, _) = listener.accept()?;
    client.set_read_timeout(Some(PATIENCE))?;
    server.set_read_timeout(Some(PATIENCE))?;
    Ok((client, server))
}
