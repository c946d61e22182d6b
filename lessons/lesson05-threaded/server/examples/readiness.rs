//! What an event loop stands on.
//!
//! `cargo run -p lesson05-server --example readiness`
//!
//! Claim: two answers of the kernel. A non-blocking recv on a quiet socket says WouldBlock at once;
//! and one poll says which of 100 connections has something to read, so that only that one is read.

use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use console::{claim, here, why};
use mio::{Events, Interest, Poll, Token};

language::catalogue!();

/// How many connections are watched.
const CLIENTS: usize = 100;
/// The client that speaks: any one of them.
const SPEAKER: usize = 42;
/// When a call that should succeed is given up.
const DEADLINE: Duration = Duration::from_secs(1);

fn main() -> anyhow::Result<()> {
    claim!(
        "recv need not wait, and one poll says which of {CLIENTS} connections has\n\
         something to read: an event loop is one thread that reads only that one"
    );

    let (mut clients, mut servers) = connect()?;
    let mut buffer = [0; 1024];
    let begun = Instant::now();
    let mut quiet = 0;
    for server in &mut servers {
        let outcome = server.read(&mut buffer);
        quiet += usize::from(outcome.is_err_and(|error| error.kind() == ErrorKind::WouldBlock));
    }
    here!("recv on each: {quiet} WouldBlock, in {} µs", begun.elapsed().as_micros());
    ensure!(quiet == CLIENTS, "every socket should be quiet, and say so");

    let mut poll = Poll::new()?;
    let mut events = Events::with_capacity(CLIENTS);
    for (number, server) in servers.iter_mut().enumerate() {
        poll.registry().register(server, Token(number), Interest::READABLE)?;
    }
    poll.poll(&mut events, Some(Duration::ZERO))?;
    here!("poll, nobody has spoken: {} ready", events.iter().count());
    ensure!(events.is_empty(), "nothing should be ready");

    clients.get_mut(SPEAKER).context("no such client")?.write_all(b"hello")?;
    poll.poll(&mut events, Some(DEADLINE))?;
    let ready: Vec<_> = events.iter().map(|event| event.token().0).collect();
    here!("poll, one has spoken: ready {ready:?}");
    ensure!(ready == [SPEAKER], "the one that spoke should be ready, and no other");

    for number in ready {
        let n = servers.get_mut(number).context("no such server")?.read(&mut buffer)?;
        here!("recv on {number}: {:?}", String::from_utf8_lossy(&buffer[..n]));
        ensure!(&buffer[..n] == b"hello", "it should have what was sent");
    }

    why!(
        "a thread for each client is one way to wait for many; to ask the kernel\n\
         is the other. To try each socket in turn would keep a core busy for\n\
         nothing; poll sleeps until one is ready, and names it: epoll on Linux,\n\
         kqueue on macOS, IOCP on Windows, all of them behind mio. The price: the\n\
         loop of a conversation is cut into steps, and its state is ours to keep"
    );
    Ok(())
}

/// Both ends of all connections; the server's do not block.
fn connect() -> anyhow::Result<(Vec<TcpStream>, Vec<mio::net::TcpStream>)> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let (mut clients, mut servers) = (Vec::new(), Vec::new());
    for _ in 0..CLIENTS {
        clients.push(TcpStream::connect_timeout(&listener.local_addr()?, DEADLINE)?);
        let (server, _) = listener.accept()?;
        server.set_nonblocking(true)?;
        servers.push(mio::net::TcpStream::from_std(server));
    }
    Ok((clients, servers))
}
