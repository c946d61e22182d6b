//! The tutorial's last fix, made right: the length is that of a JSON header, and the header says
//! everything else about the message. (This file is the same at both ends.)
//!
//! ```text
//! ┌────────────┬────────────────────────────────────────────────────┬────────────────┐
//! │ length (4) │ {"filename":"a.txt","total_size":3,"hash":"764e…"} │ the message    │
//! └────────────┴────────────────────────────────────────────────────┴────────────────┘
//!   of the JSON   total_size is the message's length, hash its MD5
//! ```
//!
//! The 4 bytes count only the header, so a message may be longer than an `i32` can say, and a header
//! may grow a field that older readers skip.

use std::io::{Read, Write};

use byteorder::{LittleEndian, WriteBytesExt};
use serde::{Deserialize, Serialize};
use wire::{Error, Result};

/// The most bytes that a header may have: more than any needs, and few enough to be read in one go.
pub const HEADER_LIMIT: usize = 64 * 1024;

/// What the sender says about a message before it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// A file's name. The answer to a command is no file, so this is always `a.txt`.
    pub filename: String,
    /// The message's length in bytes.
    pub total_size: u64,
    /// The message's MD5 as 32 lower-case hexadecimal digits. It finds damage, not forgery.
    pub hash: String,
}

impl wire::Header for Header {
    const SIZE_FIELD: &'static str = "total_size";

    fn body_length(&self) -> u64 {
        self.total_size
    }
}

/// Sends one message, with its header, in one write.
///
/// # Errors
/// [`Error::Io`] when the connection breaks, or the peer does not read in time. A header of ours can
/// always be written as JSON, and its length fits in an `i32`.
pub fn send_message(stream: &mut impl Write, message: &[u8]) -> Result<()> {
    let header = Header {
        filename: "a.txt".to_owned(),
        total_size: message.len() as u64,
        hash: wire::md5_hex(message),
    };
    let json = serde_json::to_vec(&header).map_err(Error::Unserializable)?;
    let too_long = |_| Error::TooLong { length: json.len() };
    let mut bytes = Vec::with_capacity(4 + json.len() + message.len());
    bytes.write_i32::<LittleEndian>(i32::try_from(json.len()).map_err(too_long)?)?;
    bytes.extend_from_slice(&json);
    bytes.extend_from_slice(message);
    Ok(stream.write_all(&bytes)?)
}

/// Receives one message of at most `limit` bytes; `None` when the peer has ended the stream.
///
/// # Errors
/// [`Error::NegativeLength`], [`Error::TooLarge`], [`Error::NotJson`] or [`Error::MissingField`] when
/// what comes is no header; [`Error::BodyTooLarge`] for a message above `limit`;
/// [`Error::WrongDigest`] when its MD5 is not the one announced; [`Error::Io`] when the stream ends
/// within a message, the connection breaks, or a wait takes too long.
pub fn receive_message(stream: &mut impl Read, limit: usize) -> Result<Option<Vec<u8>>> {
    let Some((header, message)) = receive_unverified(stream, limit)? else { return Ok(None) };
    let actual = wire::md5_hex(&message);
    if actual != header.hash {
        return Err(Error::WrongDigest { announced: header.hash, actual });
    }
    Ok(Some(message))
}

/// Receives a header and its message. Whether the hash is right is not checked.
pub(crate) fn receive_unverified(
    stream: &mut impl Read,
    limit: usize,
) -> Result<Option<(Header, Vec<u8>)>> {
    // The header is a message of its own with its length in front, as `lib.rs` receives one.
    let Some(json) = crate::receive_message(stream, HEADER_LIMIT)? else { return Ok(None) };
    let header: Header = wire::parse_header(&json)?;
    if header.total_size > limit as u64 {
        return Err(Error::BodyTooLarge { length: header.total_size, limit: limit as u64 });
    }
    let mut message = vec![0; header.total_size as usize];
    stream.read_exact(&mut message)?;
    Ok(Some((header, message)))
}
