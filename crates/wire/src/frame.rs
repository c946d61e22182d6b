//! Frames: a length, then that many bytes.
//!
//! ```text
//!          ┌─────────────┬─────────┐
//!          │ length (4)  │ payload │
//!          └─────────────┴─────────┘
//! "hello"    05 00 00 00   68 65 6c 6c 6f
//! ""         00 00 00 00
//! ```
//!
//! The length is an `i32` in little-endian order, as Python's `struct.pack('i', n)` writes it on
//! x86. It counts the payload only. A stream is one frame after the other and nothing else.

use std::io::{Read, Write};

use crate::error::{Error, Result};
use crate::read::{fill, read_exactly};

/// The size of the length, in bytes.
pub const LENGTH_BYTES: usize = 4;

/// The longest payload that programs accept unless told otherwise, in bytes: 16 MiB.
pub const DEFAULT_LIMIT: usize = 16 * 1024 * 1024;

/// The 4 bytes that announce a payload of `length` bytes.
///
/// # Errors
/// [`Error::TooLong`] above `i32::MAX`.
pub fn encode_length(length: usize) -> Result<[u8; LENGTH_BYTES]> {
    match i32::try_from(length) {
        Ok(length) => Ok(length.to_le_bytes()),
        Err(_) => Err(Error::TooLong { length }),
    }
}

/// The length that these 4 bytes announce; `at` is their offset in the stream, for the error.
///
/// # Errors
/// [`Error::NegativeLength`]; [`Error::TooLarge`] above `limit`.
#[inline]
pub fn decode_length(bytes: [u8; LENGTH_BYTES], limit: usize, at: u64) -> Result<usize> {
    let length = i32::from_le_bytes(bytes);
    match usize::try_from(length) {
        Err(_) => Err(Error::NegativeLength { length, at }),
        Ok(length) if length > limit => {
            Err(Error::TooLarge { length: length as u64, limit: limit as u64, at })
        }
        Ok(length) => Ok(length),
    }
}

/// Appends one frame, length and payload, to `out`.
///
/// # Errors
/// [`Error::TooLong`] for a payload above `i32::MAX` bytes; `out` is then as before.
pub fn encode(payload: &[u8], out: &mut Vec<u8>) -> Result<()> {
    let length = encode_length(payload.len())?;
    out.reserve(LENGTH_BYTES + payload.len());
    out.extend_from_slice(&length);
    out.extend_from_slice(payload);
    Ok(())
}

/// Writes one frame in a single `write` call (more only if the writer takes less), and flushes.
///
/// Length and payload are put together first. Written one by one they could travel as two
/// segments, or the payload could wait until the peer has acknowledged the length.
///
/// # Errors
/// [`Error::TooLong`] before anything is written; [`Error::Io`].
pub fn write_frame(writer: &mut impl Write, payload: &[u8]) -> Result<()> {
    let mut bytes = Vec::new();
    encode(payload, &mut bytes)?;
    writer.write_all(&bytes)?;
    writer.flush()?;
    Ok(())
}

/// Reads one frame and gives its payload, or `None` if the stream ended before its first byte.
/// Never reads past the frame's end: what follows stays in the reader.
///
/// # Errors
/// [`Error::NegativeLength`], [`Error::TooLarge`], [`Error::EndInHeader`], [`Error::EndInBody`] or
/// [`Error::Io`], with offsets that count from where this call began. What was read is lost.
pub fn read_frame(reader: &mut impl Read, limit: usize) -> Result<Option<Vec<u8>>> {
    let mut bytes = [0; LENGTH_BYTES];
    match fill(reader, &mut bytes)? {
        0 => Ok(None),
        LENGTH_BYTES => {
            let length = decode_length(bytes, limit, 0)?;
            read_exactly(reader, length, LENGTH_BYTES as u64).map(Some)
        }
        got => Err(Error::EndInHeader { got, at: got as u64 }),
    }
}
