//! The client's half of what the tutorial's programs put on the wire, where it is not ours: the
//! request has no length, the announced length has no end, and the JSON's hash has no meaning.
//!
//! These bytes cannot be read safely however the stream is cut; that is why ours differ.

use std::io::{self, ErrorKind, Read, Write};

use wire::{Error, Result};

use crate::announce::{ProtocolError, READY};
use crate::json;

/// The most bytes that a request may have: the tutorial's servers read it with one `recv(1024)`.
pub const RECV_SIZE: usize = 1024;

/// Sends a request as it is.
///
/// # Errors
/// [`Error::Io`] when the request is longer than [`RECV_SIZE`] (`InvalidInput`), the connection
/// breaks, or the server does not read in time.
pub fn send_request(stream: &mut impl Write, request: &[u8]) -> Result<()> {
    if request.len() > RECV_SIZE {
        let why = format!("the tutorial's servers take at most {RECV_SIZE} bytes for a request");
        return Err(io::Error::new(ErrorKind::InvalidInput, why).into());
    }
    // BROKEN: nothing says where the request ends; the server takes what one recv returns.
    Ok(stream.write_all(request)?)
}

/// Receives an answer that is announced in digits: says `recv_ready` and takes that many bytes.
/// `None` when the server has ended the stream.
///
/// # Errors
/// [`Error::TooLarge`] for a length above `limit`; [`Error::Io`] when what comes is no number
/// ([`ProtocolError::Length`]), the stream ends within the answer, the connection breaks, or a wait
/// takes too long.
pub fn receive_announced(
    stream: &mut (impl Read + Write),
    limit: usize,
) -> Result<Option<Vec<u8>>> {
    let mut digits = [0; RECV_SIZE];
    // BROKEN: nothing ends the digits, so one recv has to be taken for all of them.
    let got = stream.read(&mut digits)?;
    if got == 0 {
        return Ok(None);
    }
    let digits = String::from_utf8_lossy(&digits[..got]);
    let length = digits.trim().parse::<u64>();
    let length = length.map_err(|_| ProtocolError::Length(digits.escape_debug().to_string()))?;
    if length > limit as u64 {
        return Err(Error::TooLarge { length, limit: limit as u64, at: 0 });
    }
    stream.write_all(READY)?;
    let mut reply = vec![0; length as usize];
    stream.read_exact(&mut reply)?;
    Ok(Some(reply))
}

/// Receives an answer behind a JSON header, whose hash the tutorial makes up: it is not checked.
///
/// # Errors
/// Those of [`json::receive_message`] but [`Error::WrongDigest`].
pub fn receive_with_json(stream: &mut impl Read, limit: usize) -> Result<Option<Vec<u8>>> {
    Ok(json::receive_unverified(stream, limit)?.map(|(_, reply)| reply))
}
