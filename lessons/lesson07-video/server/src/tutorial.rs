//! The server's half of what the tutorial's programs say: a number and a comma, `ok`, so many bytes
//! of JPEG, `ok`.
//!
//! ```text
//! client                          server
//! 2454,␠               ──▶
//!                      ◀──        ok
//! 2,454 bytes of JPEG  ──▶
//!                      ◀──        ok
//! ```
//!
//! Each frame waits for two answers, so a link of 20 ms each way carries 12 frames a second, however
//! fast it is. The tutorial's server sends its first `ok` before it has looked at the number, and
//! its second before it has looked at the image. Here each `ok` is true.

use std::io::{Read, Write};

use trace::Observer;

use crate::error::Error;
use crate::picture::{Limits, Picture};

/// The server's only answer. The client compares what one `recv` returns with it.
pub const OK: &[u8] = b"ok";

/// The longest length, with its comma, that is accepted, in bytes.
const MAX_LENGTH_TEXT: usize = 32;

/// Talks to one client until its film ends, and gives each picture to `take`.
///
/// # Errors
/// Those of the stream and of the pictures; [`Error::NotANumber`], [`Error::TooLong`] and
/// [`Error::DidNotWait`]; and those of `take`.
pub fn converse(
    stream: &mut (impl Read + Write),
    limits: &Limits,
    mut take: impl FnMut(Picture) -> Result<(), Error>,
    observer: &mut impl Observer,
) -> Result<(), Error> {
    for sequence in 1.. {
        let Some(announced) = receive_length(stream)? else { break };
        let (length, limit) = (announced.length, limits.bytes);
        if length > limit as u64 {
            return Err(Error::TooLong { length, limit: limit as u64 });
        }
        stream.write_all(OK)?;
        let jpeg = receive_image(stream, &announced, limit)?;
        observer.received(&jpeg);
        let picture = Picture::unannounced(sequence, jpeg, limits)?;
        stream.write_all(OK)?;
        observer.sent(OK);
        take(picture)?;
    }
    Ok(())
}

/// The length of an image, as the client announces it.
#[derive(Debug, PartialEq, Eq)]
struct Announced {
    /// In bytes.
    length: u64,
    /// Whether the space behind the comma has not come yet. It will be in front of the image.
    space_to_come: bool,
}

/// Receives `2454, `; `None` when the client has ended the stream.
fn receive_length(stream: &mut impl Read) -> Result<Option<Announced>, Error> {
    let mut text = Vec::new();
    loop {
        let mut piece = [0; MAX_LENGTH_TEXT];
        let got = stream.read(&mut piece)?;
        text.extend_from_slice(piece.get(..got).unwrap_or_default());
        let comma = text.iter().position(|byte| *byte == b',');
        match comma.and_then(|at| text.split_at_checked(at)) {
            Some((number, rest)) => {
                // The client may send no more before it has had its `ok`.
                let space_to_come = match rest {
                    b"," => true,
                    b", " => false,
                    _ => return Err(Error::DidNotWait),
                };
                let length = parse(number).ok_or_else(|| not_a_number(&text))?;
                return Ok(Some(Announced { length, space_to_come }));
            }
            None if got == 0 && text.is_empty() => return Ok(None),
            None if got == 0 || text.len() >= MAX_LENGTH_TEXT => return Err(not_a_number(&text)),
            None => {}
        }
    }
}

fn receive_image(
    stream: &mut impl Read,
    announced: &Announced,
    limit: usize,
) -> Result<Vec<u8>, Error> {
    let length = announced.length;
    if !announced.space_to_come {
        return Ok(wire::read_body(stream, length, limit)?);
    }
    // A JPEG begins with the byte ff, so a space in front of it is no part of it.
    let first = wire::read_body(stream, 1, limit)?;
    match first.as_slice() {
        b" " => Ok(wire::read_body(stream, length, limit)?),
        _ => {
            let rest = wire::read_body(stream, length - 1, limit)?;
            Ok([first, rest].concat())
        }
    }
}

/// The number of bytes, not 0, as Python's `int()` reads one: spaces around it, a plus, and single
/// underscores between its digits are allowed.
fn parse(text: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(text).ok()?.trim();
    let digits = text.strip_prefix('+').unwrap_or(text);
    let groups = || digits.split('_');
    let is_number =
        groups().all(|group| !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_digit()));
    let number = groups().collect::<String>().parse().ok()?;
    (is_number && number > 0).then_some(number)
}

fn not_a_number(bytes: &[u8]) -> Error {
    let text =
        String::from_utf8_lossy(bytes).chars().take(40).flat_map(char::escape_debug).collect();
    Error::NotANumber { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_what_python_takes_for_one_and_not_zero() {
        for (text, number) in
            [("2454", 2454), (" 2454 ", 2454), ("+7", 7), ("1_000", 1000), ("007", 7), ("\t9\n", 9)]
        {
            assert_eq!(parse(text.as_bytes()), Some(number), "{text:?}");
        }
        for text in [
            "",
            " ",
            "abc",
            "0",
            "-5",
            "1.5",
            "1__0",
            "_1",
            "1_",
            "++1",
            "0x10",
            "99999999999999999999",
        ] {
            assert_eq!(parse(text.as_bytes()), None, "{text:?}");
        }
        assert_eq!(parse(b"\xff\xd8"), None);
    }
}
