//! Messages: a frame that holds a JSON header, then a body whose length the header says.
//!
//! ```text
//! ┌────────────┬──────────────────┬────────┐
//! │ length (4) │ JSON header      │ body   │   length counts the JSON only;
//! └────────────┴──────────────────┴────────┘   the header's size field counts the body
//!  10 00 00 00  {"total_size":3}   68 69 0a
//! ```
//!
//! What a bare length cannot carry, a name or a digest, has its place in the header, and a body
//! may be longer than an `i32` can say.

use std::io::{Read, Write};

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::{Error, Result, escape};
use crate::frame::{LENGTH_BYTES, encode, read_frame};
use crate::read::read_exactly;

/// A JSON header.
///
/// ```
/// #[derive(serde::Serialize, serde::Deserialize)]
/// struct Answer {
///     total_size: u64,
/// }
///
/// impl wire::Header for Answer {
///     const SIZE_FIELD: &'static str = "total_size";
///     fn body_length(&self) -> u64 {
///         self.total_size
///     }
/// }
///
/// let mut sent = Vec::new();
/// wire::write_message(&mut sent, &Answer { total_size: 3 }, b"hi\n")?;
/// assert_eq!(sent, b"\x10\0\0\0{\"total_size\":3}hi\n");
/// # Ok::<(), wire::Error>(())
/// ```
pub trait Header: Serialize + DeserializeOwned {
    /// The name, in the JSON, of the field that says how long the body is.
    const SIZE_FIELD: &'static str;

    /// The length of the body, in bytes.
    fn body_length(&self) -> u64;
}

/// The header's frame, length and compact JSON, for a body that is written separately.
///
/// # Errors
/// [`Error::Unserializable`]; [`Error::TooLong`] for JSON above `i32::MAX` bytes.
pub fn encode_header<H: Header>(header: &H) -> Result<Vec<u8>> {
    let json = serde_json::to_vec(header).map_err(Error::Unserializable)?;
    let mut bytes = Vec::new();
    encode(&json, &mut bytes)?;
    Ok(bytes)
}

/// Writes header and body in a single `write` call, and flushes.
///
/// # Errors
/// [`Error::WrongBodyLength`], [`Error::Unserializable`] or [`Error::TooLong`] before anything is
/// written; [`Error::Io`] if writing fails.
pub fn write_message<H: Header>(writer: &mut impl Write, header: &H, body: &[u8]) -> Result<()> {
    let (announced, actual) = (header.body_length(), body.len() as u64);
    if announced != actual {
        return Err(Error::WrongBodyLength { announced, actual });
    }
    let mut bytes = encode_header(header)?;
    bytes.extend_from_slice(body);
    writer.write_all(&bytes)?;
    writer.flush()?;
    Ok(())
}

/// Reads one header, of at most `limit` bytes of JSON, or gives `None` if the stream ended before
/// its first byte. The body, if any, stays in the reader: [`read_body`] is next.
///
/// Parsed JSON can take many times the memory of its text, so a header deserves a far smaller
/// limit than a body.
///
/// # Errors
/// Those of [`read_frame`] and of [`parse_header`]. Offsets count from where this call began.
pub fn read_header<H: Header>(reader: &mut impl Read, limit: usize) -> Result<Option<H>> {
    match read_frame(reader, limit)? {
        None => Ok(None),
        Some(json) => parse(&json, LENGTH_BYTES as u64).map(Some),
    }
}

/// Reads a body of `length` bytes, at most `limit`, and not a byte more.
///
/// # Errors
/// [`Error::BodyTooLarge`] before anything is read; [`Error::EndInBody`], with an offset that
/// counts from where this call began; [`Error::Io`].
pub fn read_body(reader: &mut impl Read, length: u64, limit: usize) -> Result<Vec<u8>> {
    match usize::try_from(length) {
        Ok(length) if length <= limit => read_exactly(reader, length, 0),
        _ => Err(Error::BodyTooLarge { length, limit: limit as u64 }),
    }
}

/// Takes a header from its JSON, without the length in front.
///
/// # Errors
/// [`Error::MissingField`] if [`Header::SIZE_FIELD`] is not there or holds no length, unless `H`
/// does without it (`Option`, `#[serde(default)]`); [`Error::NotJson`] for anything else that is
/// not JSON or not an `H`.
pub fn parse_header<H: Header>(json: &[u8]) -> Result<H> {
    parse(json, 0)
}

fn parse<H: Header>(json: &[u8], at: u64) -> Result<H> {
    // serde would also take a list, without field names, for a struct.
    let is_object = json.trim_ascii_start().starts_with(b"{");
    match serde_json::from_slice(json) {
        Ok(header) if is_object => Ok(header),
        Ok(_) => Err(Error::MissingField { field: H::SIZE_FIELD.into(), at }),
        Err(error) if error.is_data() && !has_size::<H>(json) => {
            Err(Error::MissingField { field: H::SIZE_FIELD.into(), at })
        }
        Err(source) => Err(Error::NotJson { at, text: escape(json), source }),
    }
}

fn has_size<H: Header>(json: &[u8]) -> bool {
    let header: Value = serde_json::from_slice(json).unwrap_or_default();
    header.get(H::SIZE_FIELD).is_some_and(Value::is_u64)
}
