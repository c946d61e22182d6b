//! # Lesson 03: struct header, the client
//!
//! Sends a command with its length in front, and takes for its answer as many bytes as the answer's
//! own length says. `scripts/diff 2 3` shows the few lines that changed since lesson 02. Two other
//! ways to say the length are in `announce.rs` and `json.rs`.
//!
//! ```text
//! terminal 1:  cargo run -p lesson03-server
//! terminal 2:  cargo run -p lesson03-client
//!              >>: seq -s ' ' 1 400
//!              >>: echo hi                (and its own answer comes)
//! ```

pub mod announce;
pub mod header;
pub mod json;
pub mod tutorial;

use std::io::{ErrorKind::UnexpectedEof, Read, Write};

use byteorder::{LittleEndian, ReadBytesExt, WriteBytesExt};
use trace::Observer;
use wire::{Error, Result};

/// The most bytes that a message may have.
pub const LIMIT: usize = 16 * 1024 * 1024;

/// Sends one message.
///
/// # Errors
/// [`Error::TooLong`] when an `i32` cannot say how long the message is; [`Error::Io`] when the
/// connection breaks, or the peer does not read in time.
pub fn send_message(stream: &mut impl Write, message: &[u8]) -> Result<()> {
    let too_long = |_| Error::TooLong { length: message.len() };
    let mut frame = Vec::with_capacity(4 + message.len());
    frame.write_i32::<LittleEndian>(i32::try_from(message.len()).map_err(too_long)?)?;
    frame.extend_from_slice(message);
    // One write saves a segment. TCP may still cut the frame anywhere: no reader may count on it.
    Ok(stream.write_all(&frame)?)
}

/// Receives one message of at most `limit` bytes; `None` when the peer has ended the stream.
///
/// # Errors
/// [`Error::NegativeLength`] or [`Error::TooLarge`] for a length below 0 or above `limit`;
/// [`Error::Io`] when the stream ends within a message, the connection breaks, or a wait takes too
/// long.
pub fn receive_message(stream: &mut impl Read, limit: usize) -> Result<Option<Vec<u8>>> {
    let mut header = stream.take(4);
    let length = match header.read_i32::<LittleEndian>() {
        // The stream may end between two messages, and nowhere else.
        Err(end) if end.kind() == UnexpectedEof && header.limit() == 4 => return Ok(None),
        length => length?,
    };
    // A length is only a claim: it is checked before memory is taken for it.
    let length = usize::try_from(length).map_err(|_| Error::NegativeLength { length, at: 0 })?;
    if length > limit {
        return Err(Error::TooLarge { length: length as u64, limit: limit as u64, at: 0 });
    }
    let mut message = vec![0; length];
    // One recv may return less, so this calls recv until all of the message is there.
    stream.read_exact(&mut message)?;
    Ok(Some(message))
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
