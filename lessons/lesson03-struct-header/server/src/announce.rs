//! The tutorial's first fix, made right: say the length as text, wait until the peer is ready, then
//! send the message. (This file is the same at both ends.)
//!
//! ```text
//! sender                    receiver
//!   1492\n          ───▶                  digits, ended by a new line
//!                   ◀───    recv_ready    10 bytes
//!   1492 bytes      ───▶
//! ```
//!
//! It holds however the stream is cut, because the digits have an end and the rest has a length. Its
//! price is a round trip for each message, before its first byte: on a line of 100 ms, 100 ms more.

use std::io::{self, ErrorKind, Read, Write};

use wire::{Error, Result};

/// What the receiver sends when it has read the length.
pub const READY: &[u8; 10] = b"recv_ready";

/// Announces one message, waits for `recv_ready`, and sends it.
///
/// # Errors
/// [`Error::Io`] when the connection breaks, a wait takes too long, the stream ends where `recv_ready`
/// should be, or something else stands there ([`ProtocolError::Ready`]).
pub fn send_message(stream: &mut (impl Read + Write), message: &[u8]) -> Result<()> {
    stream.write_all(format!("{}\n", message.len()).as_bytes())?;
    expect_ready(stream)?;
    Ok(stream.write_all(message)?)
}

/// Receives one message of at most `limit` bytes; `None` when the peer has ended the stream.
///
/// # Errors
/// [`Error::TooLarge`] for a length above `limit`; [`Error::Io`] when what comes is no length
/// ([`ProtocolError::Length`]), the stream ends within a message, the connection breaks, or a wait takes
/// too long.
pub fn receive_message(stream: &mut (impl Read + Write), limit: usize) -> Result<Option<Vec<u8>>> {
    let Some(length) = receive_length(stream)? else { return Ok(None) };
    if length > limit as u64 {
        return Err(Error::TooLarge { length, limit: limit as u64, at: 0 });
    }
    stream.write_all(READY)?;
    let mut message = vec![0; length as usize];
    stream.read_exact(&mut message)?;
    Ok(Some(message))
}

/// Receives `recv_ready`: exactly its 10 bytes, because what follows belongs to another message.
pub(crate) fn expect_ready(stream: &mut impl Read) -> Result<()> {
    let mut word = [0; READY.len()];
    stream.read_exact(&mut word)?;
    match &word == READY {
        true => Ok(()),
        false => Err(ProtocolError::Ready(trace::text::escape(&word)).into()),
    }
}

/// Receives the digits one at a time, because what follows the new line belongs to the message.
fn receive_length(stream: &mut impl Read) -> Result<Option<u64>> {
    let mut digits = String::new();
    let mut byte = [0];
    loop {
        match stream.read(&mut byte) {
            Ok(0) if digits.is_empty() => return Ok(None),
            Ok(0) => return Err(io::Error::from(ErrorKind::UnexpectedEof).into()),
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error.into()),
        }
        match (byte[0], digits.parse()) {
            // A number of 18 digits fits in 64 bits, and no message is longer.
            (b'0'..=b'9', _) if digits.len() < 18 => digits.push(char::from(byte[0])),
            (b'\n', Ok(length)) => return Ok(Some(length)),
            _ => {
                let came = [digits.as_bytes(), &byte].concat();
                return Err(ProtocolError::Length(trace::text::escape(&came)).into());
            }
        }
    }
}

/// What came has no place in this exchange. It travels inside an [`io::Error`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProtocolError {
    /// Something else came than digits and a new line; with what came.
    #[error("expected a length in digits and a new line, and \"{0}\" came; {HINT}")]
    Length(String),
    /// Something else came than `recv_ready`; with what came.
    #[error("expected recv_ready, and \"{0}\" came; {HINT}")]
    Ready(String),
}

const HINT: &str = "is the peer lesson02, another --header, or a tutorial program? Then add --dialect \
                    tutorial";

impl From<ProtocolError> for Error {
    fn from(error: ProtocolError) -> Error {
        Error::Io(io::Error::new(ErrorKind::InvalidData, error))
    }
}
