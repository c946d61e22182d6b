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

/// What the receiver says when it has understood the length.
pub const READY: &[u8; 10] = b"recv_ready";

/// Announces one message, waits for `recv_ready`, and sends it.
///
/// # Errors
/// When the connection breaks, or the peer says something else ([`Misunderstood`]).
pub fn send_message(stream: &mut (impl Read + Write), message: &[u8]) -> Result<()> {
    stream.write_all(format!("{}\n", message.len()).as_bytes())?;
    expect_ready(stream)?;
    Ok(stream.write_all(message)?)
}

/// Receives one message of at most `limit` bytes; `None` when the peer has ended the stream.
///
/// # Errors
/// When the connection breaks, the message is too long, or what comes is no length
/// ([`Misunderstood`]).
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

/// Waits for `recv_ready`: exactly its 10 bytes, so that what follows it is not swallowed.
pub(crate) fn expect_ready(stream: &mut impl Read) -> Result<()> {
    let mut word = [0; READY.len()];
    stream.read_exact(&mut word)?;
    match &word == READY {
        true => Ok(()),
        false => Err(Misunderstood::Ready(trace::text::escape(&word)).into()),
    }
}

/// One digit at a time, because what follows the new line is not ours to read yet.
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
            // No length that anybody means has more than 18 digits, and those fit in 64 bits.
            (b'0'..=b'9', _) if digits.len() < 18 => digits.push(char::from(byte[0])),
            (b'\n', Ok(length)) => return Ok(Some(length)),
            _ => {
                let came = [digits.as_bytes(), &byte].concat();
                return Err(Misunderstood::Length(trace::text::escape(&came)).into());
            }
        }
    }
}

/// The peer said something that has no place here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Misunderstood {
    /// Not digits and a new line.
    #[error("expected a length in digits and a new line, and \"{0}\" came; {HINT}")]
    Length(String),
    /// Not `recv_ready`.
    #[error("expected recv_ready, and \"{0}\" came; {HINT}")]
    Ready(String),
}

const HINT: &str = "is the peer lesson02, another --header, or a tutorial program? Then add --dialect \
                    tutorial";

impl From<Misunderstood> for Error {
    fn from(misunderstood: Misunderstood) -> Error {
        Error::Io(io::Error::new(ErrorKind::InvalidData, misunderstood))
    }
}
