//! # Lesson 01: basic TCP, the client
//!
//! The other end of the phone call: buy a phone (`socket`), dial (`connect`), talk (`send`, `recv`),
//! hang up (`close`).
//!
//! ```text
//! terminal 1:  cargo run -p lesson01-server
//! terminal 2:  cargo run -p lesson01-client
//!              >>: hello
//!              HELLO
//! ```

use std::io::{self, Read, Write};
use std::net::SocketAddr;
use std::time::Duration;

use socket2::{Domain, Protocol, Socket, Type};
use trace::Observer;

/// The most bytes that one `recv` may return.
pub const RECV_SIZE: usize = 1024;

/// Steps 1 and 2: a socket that is connected to the server at `address`.
///
/// # Errors
/// When no server listens there (refused), or nothing answers within `timeout`.
pub fn connect(address: SocketAddr, timeout: Duration) -> io::Result<Socket> {
    // 1. Buy a phone.
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    // 2. Dial. The kernel picks a free port for our side; a client has no need of `bind`.
    socket.connect_timeout(&address.into(), timeout)?;
    Ok(socket)
}

/// Step 3: sends one request and takes its answer. False if the server has closed instead.
///
/// # Errors
/// When the connection breaks, or no answer comes in time.
pub fn ask(
    stream: &mut (impl Read + Write),
    request: &[u8],
    observer: &mut impl Observer,
) -> io::Result<bool> {
    stream.write_all(request)?;
    observer.sent(request);
    let mut buffer = [0; RECV_SIZE];
    // BROKEN: one recv is taken for one answer. A longer one is cut, and its rest will look like
    // the answer to the next request; lesson 02 shows that, and lesson 03 the fix.
    let got = stream.read(&mut buffer)?;
    if got == 0 {
        return Ok(false);
    }
    observer.received(&buffer[..got]);
    Ok(true)
}

/// Sends nothing, and receives until the server ends the stream, up to `limit` bytes.
///
/// # Errors
/// When the connection breaks, nothing comes in time, or more comes than `limit`.
pub fn receive_to_end(
    stream: &mut impl Read,
    limit: usize,
    observer: &mut impl Observer,
) -> io::Result<()> {
    // Only the end of the stream says that all has come, so everything before it is one message.
    let mut all = Vec::new();
    stream.take(limit as u64 + 1).read_to_end(&mut all)?;
    if all.len() > limit {
        return Err(io::Error::other(format!("the server sent more than {limit} bytes")));
    }
    observer.received(&all);
    Ok(())
}
