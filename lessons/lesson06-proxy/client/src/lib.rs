//! # Lesson 06: proxy, the client
//!
//! A proxy has to change nothing, and nobody sees that by looking at it. So this client is a probe:
//! it asks an echo in upper case, such as lesson 05's server, through the proxy, proves that every
//! byte came back as it should, and measures what the detour costs.
//!
//! ```text
//! terminal 1:  cargo run -p lesson05-server
//! terminal 2:  cargo run -p lesson06-server -- --upstream 8005
//! terminal 3:  cargo run -p lesson06-client -- --direct 8005
//! ```
//!
//! [`exchange`] is a question and its answer: it measures the latency. [`bulk`] sends and receives
//! at the same time: it measures the throughput, and checks that a half-close gets through. What
//! is sent, and why no other bytes, is in `data.rs`.

mod data;
mod error;

use std::io::{self, ErrorKind, Read, Write};
use std::thread;
use std::time::{Duration, Instant};

use data::{Block, Pattern};
use trace::Observer;

pub use data::random_bytes;
pub use error::Error;

/// How many bytes a small exchange sends, and gets back.
pub const EXCHANGE_SIZE: usize = 64;

/// One direction of a connection: a handle on the socket, and an observer of its bytes.
#[derive(Debug)]
pub struct Half<S, O> {
    /// What is read from, or written to.
    pub stream: S,
    /// Told of each block of bytes, so that a deadline is one for a block and not for all of them.
    pub observer: O,
}

/// Sends one request, and takes its answer: how long that took, from the first byte sent to the
/// last one received.
///
/// # Errors
/// When the answer is not the request in upper case, or does not come.
pub fn exchange(
    stream: &mut (impl Read + Write),
    request: &[u8],
    observer: &mut impl Observer,
) -> Result<Duration, Error> {
    let expected = request.to_ascii_uppercase();
    let size = request.len() as u64;
    let begun = Instant::now();
    // The whole request is sent before the first recv, which is right for a small one only.
    stream.write_all(request).map_err(|cause| Error::Broken { at: 0, size, cause })?;
    observer.sent(request);
    receive(stream, &Block { at: 0, sent: request, expected: &expected }, size)?;
    observer.received(&expected);
    Ok(begun.elapsed())
}

/// Sends `size` bytes and ends the direction, and receives at the same time what comes back, up to
/// the end of the stream: how long it took until the last byte was there.
///
/// Both at the same time, because an echo stops reading while nobody takes what it answers. If all
/// had to be sent before the first byte is received, then as soon as all buffers in between are
/// full the server would wait for us to read, and we for the server.
///
/// So each direction has a thread and a handle of its own, and both handles are one socket:
/// `try_clone` of it, or two shared references, since `&TcpStream` can be read and written as well.
/// For the same reason the sender cannot end its direction by dropping its handle, as the kernel
/// closes a socket with its last one. `half_close` has to call `shutdown(SHUT_WR)`.
///
/// # Errors
/// When something else comes back than what was sent, in upper case, and then the end.
pub fn bulk(
    receiving: &mut Half<impl Read, impl Observer>,
    sending: &mut Half<impl Write + Send, impl Observer + Send>,
    half_close: impl Fn() -> io::Result<()> + Sync,
    seed: u64,
    size: u64,
) -> Result<Duration, Error> {
    let pattern = Pattern::new(seed);
    let mut sent = Ok(());
    let received = thread::scope(|scope| {
        let begun = Instant::now();
        let sender = || sent = send(sending, &pattern, size).and_then(|()| half_close());
        thread::Builder::new().spawn_scoped(scope, sender).map_err(Error::Thread)?;
        let received = receive_all(receiving, &pattern, size).and_then(|()| {
            let elapsed = begun.elapsed();
            receive_end(&mut receiving.stream, size).map(|()| elapsed)
        });
        if received.is_err() {
            // The sender may be waiting for a peer that reads no more. This ends its wait: to write
            // into a direction that was shut down is an error.
            _ = half_close();
        }
        received
    });
    match (received, sent) {
        // The system tells of a reset only once, to whichever thread asks first. To the other the
        // stream has just ended.
        (Err(Error::Ended { at, size }), Err(cause))
            if cause.kind() == ErrorKind::ConnectionReset =>
        {
            Err(Error::Broken { at, size, cause })
        }
        (Ok(_), Err(cause)) => Err(Error::Broken { at: size, size, cause }),
        // If both failed, what came says more than that the rest could not be sent.
        (received, _) => received,
    }
}

fn send(
    sending: &mut Half<impl Write, impl Observer>,
    pattern: &Pattern,
    size: u64,
) -> io::Result<()> {
    for block in pattern.blocks(size) {
        sending.stream.write_all(block.sent)?;
        sending.observer.sent(block.sent);
    }
    Ok(())
}

fn receive_all(
    receiving: &mut Half<impl Read, impl Observer>,
    pattern: &Pattern,
    size: u64,
) -> Result<(), Error> {
    for block in pattern.blocks(size) {
        receive(&mut receiving.stream, &block, size)?;
        receiving.observer.received(block.expected);
    }
    Ok(())
}

/// Receives a block of `size` bytes in all, and compares each piece of it as soon as it comes.
fn receive(stream: &mut impl Read, block: &Block<'_>, size: u64) -> Result<(), Error> {
    let length = block.expected.len();
    // After the last byte there is room for one more: so an answer that is too long is seen here,
    // and does not look like a wrong answer to the next request.
    let spare = usize::from(block.at + length as u64 == size);
    let mut buffer = vec![0; length + spare];
    let mut came = 0;
    while came < length {
        let at = block.at + came as u64;
        let room = buffer.get_mut(came..).unwrap_or_default();
        let got = stream.read(room).map_err(|cause| Error::Broken { at, size, cause })?;
        if got == 0 {
            return Err(Error::Ended { at, size });
        }
        let piece = room.get(..got).unwrap_or_default();
        compare(block, came, piece)?;
        came += got;
    }
    Ok(())
}

/// Compares a piece with its place in the block, which is after the first `came` bytes.
fn compare(block: &Block<'_>, came: usize, piece: &[u8]) -> Result<(), Error> {
    let expected = block.expected.get(came..).unwrap_or_default();
    if expected.starts_with(piece) {
        return Ok(());
    }
    let right = expected.iter().zip(piece).take_while(|(expected, got)| expected == got).count();
    let place = came + right;
    let at = block.at + place as u64;
    match (block.sent.get(place), expected.get(right), piece.get(right)) {
        (Some(&sent), Some(&expected), Some(&got)) => Err(Error::Wrong { at, sent, expected, got }),
        (_, _, Some(&got)) => Err(Error::TooMuch { at, got }),
        (_, _, None) => Ok(()),
    }
}

/// Receives the end of the stream. All bytes have come back, so the next read has to be empty: the
/// proxy has to pass on a half-close as it passes on bytes. Only so does the server learn that
/// there is nothing more to come, and only so do we learn that there is nothing more from it.
fn receive_end(stream: &mut impl Read, size: u64) -> Result<(), Error> {
    let mut byte = [0];
    match stream.read(&mut byte) {
        Ok(0) => Ok(()),
        Ok(_) => Err(Error::TooMuch { at: size, got: byte[0] }),
        Err(cause) => Err(Error::NoEnd { size, cause }),
    }
}
