//! Two ends of a connection on this machine.

use std::io;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use rust_i18n::t;

/// How long bytes may take over the loopback, where nothing takes long: what has not happened by then
/// will not happen any more.
pub(crate) const LOOPBACK_TIMEOUT: Duration = Duration::from_secs(10);

/// The longest message that a reader takes, in bytes. The random ones of the sweep are the longest, and much
/// shorter.
pub(crate) const MAX_MESSAGE: usize = 1024 * 1024;

/// Two ends of a TCP connection, the connecting one first. Without Nagle's algorithm, every send is a
/// segment of its own; what meets then meets in the receiver's kernel.
pub(crate) fn connected_pair() -> io::Result<(TcpStream, TcpStream)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let client = TcpStream::connect(listener.local_addr()?)?;
    client.set_nodelay(true)?;
    // All of it fits in the kernel's buffers, unless somebody has made these very small.
    client.set_write_timeout(Some(LOOPBACK_TIMEOUT))?;
    loop {
        let (server, peer) = listener.accept()?;
        // Any program on this machine could have called in between.
        if peer == client.local_addr()? {
            server.set_nodelay(true)?;
            return Ok((client, server));
        }
    }
}

/// Waits until `count` bytes can be read from `socket`.
pub(crate) fn wait_for_bytes(socket: &TcpStream, count: usize) -> io::Result<()> {
    let deadline = Instant::now() + LOOPBACK_TIMEOUT;
    let mut bytes = vec![0; count];
    // To peek at nothing could wait for something.
    let mut readable = 0;
    while readable < count {
        readable = match socket.peek(&mut bytes) {
            // The socket's own time-out is shorter than the deadline.
            Err(error) if is_timeout(&error) => 0,
            readable => readable?,
        };
        if readable < count && Instant::now() > deadline {
            return Err(io::Error::new(io::ErrorKind::TimedOut, t!("what was sent never arrived")));
        }
        thread::yield_now();
    }
    Ok(())
}

/// Whether a wait for bytes has ended without any: Unix and Windows have a word each for it.
pub(crate) fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut)
}
