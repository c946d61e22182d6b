//! # Lesson 03: struct header, the server
//!
//! Lesson 02's remote command, fixed: each message begins with its length, in 4 bytes. So a reader
//! knows how much to wait for, and where the next message begins. `scripts/diff 2 3` shows the few
//! lines that changed. Two other ways to say the length are in `announce.rs` and `json.rs`.
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

use std::io::{self, ErrorKind::UnexpectedEof, Read, Write};

use byteorder::{LittleEndian, ReadBytesExt, WriteBytesExt};
use command::Runner;
use console::{Log, ServerLog};
use endpoint::{Connection, Listener};
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

/// The answer to a command: what it prints on its standard output, then on its standard error.
pub fn answer(request: &[u8], runner: &Runner) -> Vec<u8> {
    runner.answer(request).into_bytes()
}

/// Talks to one client until it has no more requests. Where `answer` returns `None`, none is sent.
///
/// # Errors
/// Those of [`receive_message`] and [`send_message`].
pub fn converse(
    stream: &mut (impl Read + Write),
    limit: usize,
    answer: impl Fn(&[u8]) -> Option<Vec<u8>>,
    observer: &mut impl Observer,
) -> Result<()> {
    while let Some(request) = receive_message(stream, limit)? {
        observer.received(&request);
        if let Some(reply) = answer(&request) {
            send_message(stream, &reply)?;
            observer.sent(&reply);
        }
    }
    Ok(())
}

/// Serves one client at a time with `conversation`; the next one waits in the accept queue.
/// Returns on Ctrl-C.
///
/// # Errors
/// When the listening socket itself fails. A client's trouble ends that client only.
pub fn serve(
    listener: &Listener,
    server_log: &ServerLog,
    mut conversation: impl FnMut(&mut Connection, &mut Log) -> Result<()>,
) -> io::Result<()> {
    while let Some(mut connection) = listener.accept()? {
        let mut log = server_log.connected(&connection);
        let outcome = conversation(&mut connection, &mut log);
        log.closed(&outcome);
    }
    Ok(())
}
