//! The server's half of what the tutorial's programs put on the wire, where it is not ours: the
//! request has no length, the announced length has no end, and the JSON's hash has no meaning.
//!
//! These bytes cannot be read safely however the stream is cut; that is why ours differ.

use std::io::{Read, Write};

use byteorder::{LittleEndian, WriteBytesExt};
use wire::{Error, Result};

use crate::announce;
use crate::json::Header;

/// The most bytes that one `recv` may return, and so a request may have.
pub const RECV_SIZE: usize = 1024;

/// Receives a request: whatever one `recv` returns. `None` when the client has ended the stream.
///
/// # Errors
/// [`Error::Io`] when the connection breaks, or a wait takes too long.
pub fn receive_request(stream: &mut impl Read) -> Result<Option<Vec<u8>>> {
    let mut request = vec![0; RECV_SIZE];
    // BROKEN: the tutorial's clients send no length, so one recv has to be taken for one request.
    let got = stream.read(&mut request)?;
    request.truncate(got);
    Ok(if got > 0 { Some(request) } else { None })
}

/// Sends an answer announced in digits, without an end to the digits.
///
/// # Errors
/// Those of [`announce::send_message`].
pub fn send_announced(stream: &mut (impl Read + Write), reply: &[u8]) -> Result<()> {
    // BROKEN: nothing ends the digits; a client that gets `14` and then `92` cannot know.
    stream.write_all(reply.len().to_string().as_bytes())?;
    announce::expect_ready(stream)?;
    Ok(stream.write_all(reply)?)
}

/// Sends an answer behind a JSON header, as Python writes it, with the tutorial's constant hash.
///
/// # Errors
/// [`Error::Io`] when the connection breaks, or the client does not read in time.
pub fn send_with_json(stream: &mut impl Write, reply: &[u8]) -> Result<()> {
    let header = Header {
        filename: "a.txt".to_owned(),
        total_size: reply.len() as u64,
        // BROKEN: a constant, whatever the answer is, so nobody can check it.
        hash: "xasf123213123".to_owned(),
    };
    let json = wire::to_python_string(&header)?;
    let too_long = |_| Error::TooLong { length: json.len() };
    let mut bytes = Vec::with_capacity(4 + json.len() + reply.len());
    bytes.write_i32::<LittleEndian>(i32::try_from(json.len()).map_err(too_long)?)?;
    bytes.extend_from_slice(json.as_bytes());
    bytes.extend_from_slice(reply);
    Ok(stream.write_all(&bytes)?)
}
