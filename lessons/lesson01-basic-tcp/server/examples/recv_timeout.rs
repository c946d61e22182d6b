//! What a socket's time-out bounds.
//!
//! `cargo run -p lesson01-server --example recv_timeout`
//!
//! Claim: how long a call waits, and nothing else. None is built in. The tutorial files it under
//! "lock-oriented" methods, a slip for blocking-oriented.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use anyhow::{bail, ensure};
use console::{claim, here, why};

language::catalogue!();

const TIMEOUT: Duration = Duration::from_millis(100);
const PATIENCE: Duration = Duration::from_secs(1);

fn main() -> anyhow::Result<()> {
    claim!("a time-out ends a recv that waits in vain, and changes nothing else");

    let listener = TcpListener::bind("127.0.0.1:0")?;
    let mut client = TcpStream::connect_timeout(&listener.local_addr()?, PATIENCE)?;
    let (mut server, _) = listener.accept()?;
    here!("as made: {:?}, so a recv would wait for ever", server.read_timeout()?);
    ensure!(server.read_timeout()?.is_none(), "a new socket should have no time-out");

    server.set_read_timeout(Some(TIMEOUT))?;
    let (waited, error) = recv_nothing(&mut server)?;
    here!("set to {TIMEOUT:?}: {:?} after {} ms", error.kind(), waited.as_millis());
    // A clock tick of leeway below, and none asked above: a busy machine wakes people late.
    ensure!(waited > TIMEOUT * 8 / 10, "recv should have waited");
    ensure!(
        matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut),
        "the error should say that nothing came in time"
    );

    server.set_nonblocking(true)?;
    let (waited, error) = recv_nothing(&mut server)?;
    here!("non-blocking: {:?} after {} µs", error.kind(), waited.as_micros());
    ensure!(error.kind() == ErrorKind::WouldBlock, "nothing is there to be received");

    server.set_nonblocking(false)?;
    server.set_read_timeout(Some(PATIENCE))?;
    client.write_all(b"hello")?;
    let mut hello = [0; 5];
    server.read_exact(&mut hello)?;
    here!("then the client sent: {:?}", String::from_utf8_lossy(&hello));
    ensure!(&hello == b"hello", "the connection should be as good as before");

    why!(
        "blocking means that a call waits; there is no lock in it. The three\n\
         modes are wait for ever, wait so long, do not wait. On Unix a time-out\n\
         and \"do not wait\" end with the same error, EAGAIN. What to do then is up\n\
         to the program"
    );
    Ok(())
}

/// How long a recv waited for nothing, and what it said.
fn recv_nothing(stream: &mut TcpStream) -> anyhow::Result<(Duration, io::Error)> {
    let begun = Instant::now();
    match stream.read(&mut [0; 1024]) {
        Ok(n) => bail!("recv = {n}, where nothing was sent"),
        Err(error) => Ok((begun.elapsed(), error)),
    }
}
