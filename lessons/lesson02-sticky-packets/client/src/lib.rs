//! # Lesson 02: sticky packets, the client
//!
//! Sends a command, and takes for its answer what one `recv` returns. **This lesson is broken on
//! purpose.** Lesson 03 is the same program, fixed; `scripts/diff 2 3` shows the few lines between
//! them.
//!
//! ```text
//! terminal 1:  cargo run -p lesson02-server
//! terminal 2:  cargo run -p lesson02-client
//!              >>: seq -s ' ' 1 400
//!              >>: echo hi                (and the rest of seq's answer comes)
//! ```

use std::io::{Read, Result, Write};

use trace::Observer;

/// The most bytes that a message may have.
pub const LIMIT: usize = 1024;

/// Sends one message.
///
/// # Errors
/// When the connection breaks, or the peer does not read in time.
pub fn send_message(stream: &mut impl Write, message: &[u8]) -> Result<()> {
    // BROKEN: nothing on the wire says where this message ends and the next one begins.
    stream.write_all(message)
}

/// Receives one message of at most `limit` bytes; `None` when the peer has ended the stream.
///
/// # Errors
/// When the connection breaks, or a wait takes too long.
pub fn receive_message(stream: &mut impl Read, limit: usize) -> Result<Option<Vec<u8>>> {
    let mut message = vec![0; limit];
    // BROKEN: one recv returns what has arrived, at most `limit` bytes. That may be half a message,
    // or two of them. TCP keeps the order of bytes, not the edges of messages.
    let got = stream.read(&mut message)?;
    message.truncate(got);
    Ok(if got > 0 { Some(message) } else { None })
}

/// Sends one request and takes its answer. False if the server has ended the stream instead.
///
/// # Errors
/// Those of [`send_message`] and [`receive_message`].
pub fn ask(
    stream: &mut (impl Read + Write),
    request: &[u8],
    limit: usize,
    observer: &mut impl Observer,
) -> Result<bool> {
    send_message(stream, request)?;
    observer.sent(request);
    let Some(reply) = receive_message(stream, limit)? else { return Ok(false) };
    observer.received(&reply);
    Ok(true)
}

/// Takes every message that comes, until the server ends the stream.
///
/// # Errors
/// Those of [`receive_message`].
pub fn receive_to_end(
    stream: &mut impl Read,
    limit: usize,
    observer: &mut impl Observer,
) -> Result<()> {
    while let Some(message) = receive_message(stream, limit)? {
        observer.received(&message);
    }
    Ok(())
}
