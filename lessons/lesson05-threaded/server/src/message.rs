//! How a request comes in and an answer goes out, with and without a length in front.

use std::io::{Read, Write};

use wire::Result;

/// How many bytes one `recv` may return at most, where messages have no length.
pub const RECV_SIZE: usize = 1024;

/// Which messages have a header: their length in 4 bytes, as in lesson 03.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LengthHeaders {
    /// None has one: what one `recv` returns is taken for a message.
    None,
    /// Answers have one, and requests have none, as in the tutorial.
    Answers,
    /// Requests and answers have one.
    All,
}

/// Receives one request of at most `limit` bytes; `None` when the client has ended the stream.
///
/// # Errors
/// When the connection breaks, a wait takes too long, or a length is none.
pub fn receive(
    stream: &mut impl Read,
    headers: LengthHeaders,
    limit: usize,
) -> Result<Option<Vec<u8>>> {
    if headers == LengthHeaders::All {
        return wire::read_frame(stream, limit);
    }
    // BROKEN: one recv is taken for one request, as in lesson 01. `--service command` is not, since
    // lesson 03: there each message has its length in front.
    let mut request = vec![0; RECV_SIZE.min(limit)];
    let got = stream.read(&mut request)?;
    request.truncate(got);
    Ok((got > 0).then_some(request))
}

/// Sends one answer.
///
/// # Errors
/// When the connection breaks, or the client does not read in time.
pub fn send(stream: &mut impl Write, headers: LengthHeaders, answer: &[u8]) -> Result<()> {
    match headers {
        LengthHeaders::None => Ok(stream.write_all(answer)?),
        LengthHeaders::Answers | LengthHeaders::All => wire::write_frame(stream, answer),
    }
}
