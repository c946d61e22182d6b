//! This project's frames, wherever the stream is cut.
//!
//! ```text
//! ┌────────────┬─────────┐      ┌────────────┬────────────────────┬──────┐
//! │ length (4) │ payload │  or  │ length (4) │ {"total_size":3,…} │ body │
//! └────────────┴─────────┘      └────────────┴────────────────────┴──────┘
//! ```
//!
//! A program between two others sees pieces, cut anywhere, of streams that may be something else. So
//! this view collects no more than it shows: a length that claims 2 GiB costs a few bytes.
//! [`framed`](crate::framed) shows messages of any other framing.

use std::fmt;

use serde::Deserialize;
use wire::{Error, LENGTH_BYTES};

use crate::text;

/// How many bytes of a payload or body are kept: more than [`text::quote`] shows, so that it says
/// where it cuts.
pub(crate) const BODY_KEPT: usize = 64;

/// The longest payload that is kept whole because it seems to be a JSON header, in bytes: the lessons
/// let no header be longer.
pub(crate) const HEADER_LIMIT: usize = 64 * 1024;

/// How many characters of a JSON header are shown.
const HEADER_SHOWN: usize = 400;

/// What was found in a stream.
#[derive(Debug)]
pub enum Found<'a> {
    /// A frame.
    Frame {
        /// How many bytes its payload has.
        length: usize,
        /// The first bytes of the payload.
        start: &'a [u8],
    },
    /// A frame that holds a JSON object.
    Header {
        /// How many bytes the JSON has.
        length: usize,
        /// The JSON.
        json: &'a [u8],
    },
    /// What follows a header that has announced it.
    Body {
        /// How many bytes the body has.
        length: u64,
        /// The first bytes of the body.
        start: &'a [u8],
    },
    /// From here on nobody can say where a frame begins, and nothing more will be found.
    Lost(Error),
}

/// Finds the frames in one direction of a connection.
#[derive(Debug)]
pub struct Frames {
    limit: usize,
    /// The part of the stream in which the next byte is.
    part: Part,
    /// The first bytes of that part.
    kept: Vec<u8>,
    /// How many bytes of that part are still to come.
    left: u64,
    /// Whether that part has been handed on already.
    told: bool,
    /// How many bytes of the stream have come.
    at: u64,
}

#[derive(Debug, Clone, Copy)]
enum Part {
    Length,
    /// A payload of so many bytes.
    Payload(usize),
    /// A body of so many bytes.
    Body(u64),
    /// No frame: what comes from here on is something else.
    Lost,
}

/// A JSON header may say how long its body is: in lesson 03, in lessons 07 and 08, and in the
/// tutorial's download.
#[derive(Deserialize)]
struct Header {
    #[serde(alias = "size", alias = "lenth")]
    total_size: Option<u64>,
}

impl Frames {
    /// At the beginning of a stream. A length above `limit` is taken for something else, and so is
    /// one that is negative.
    pub fn new(limit: usize) -> Frames {
        let (part, left) = (Part::Length, LENGTH_BYTES as u64);
        Frames { limit, part, kept: Vec::new(), left, told: false, at: 0 }
    }

    /// Looks at the next piece. A frame is found when as much of it has come as is shown.
    pub fn push(&mut self, mut piece: &[u8], found: &mut dyn FnMut(Found<'_>)) {
        while !matches!(self.part, Part::Lost) {
            let wanted = self.take(&mut piece);
            let mut next = (Part::Length, LENGTH_BYTES as u64);
            if self.kept.len() == wanted && !self.told {
                self.told = true;
                next = self.tell(found);
            }
            if self.left > 0 {
                return;
            }
            (self.part, self.left) = next;
            (self.kept, self.told) = (Vec::new(), false);
        }
    }

    /// What is wrong with a stream that ends here.
    ///
    /// # Errors
    /// [`Error::EndInHeader`] or [`Error::EndInBody`] inside a frame.
    pub fn finish(&self) -> wire::Result<()> {
        let (got, at) = (self.kept.len(), self.at);
        let inside = |expected| Err(Error::EndInBody { got: expected - self.left, expected, at });
        match self.part {
            Part::Length if got > 0 => Err(Error::EndInHeader { got, at }),
            Part::Length | Part::Lost => Ok(()),
            Part::Payload(length) => inside(length as u64),
            Part::Body(length) => inside(length),
        }
    }

    /// Takes the bytes of this part from the piece, and keeps the first of them; returns how many are
    /// to be kept in all.
    fn take(&mut self, piece: &mut &[u8]) -> usize {
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(piece.len());
        let (taken, rest) = piece.split_at_checked(most).unwrap_or_default();
        *piece = rest;
        self.left -= taken.len() as u64;
        self.at += taken.len() as u64;
        let wanted = match (self.part, self.kept.first().or(taken.first())) {
            (Part::Length, _) => LENGTH_BYTES,
            (Part::Payload(length), Some(b'{')) if length <= HEADER_LIMIT => length,
            (Part::Payload(length), _) => length.min(BODY_KEPT),
            (Part::Body(length), _) => usize::try_from(length).unwrap_or(usize::MAX).min(BODY_KEPT),
            (Part::Lost, _) => 0,
        };
        let room = wanted.saturating_sub(self.kept.len());
        self.kept.extend_from_slice(taken.get(..room).unwrap_or(taken));
        wanted
    }

    /// Hands this part on, and says what comes after it.
    fn tell(&self, found: &mut dyn FnMut(Found<'_>)) -> (Part, u64) {
        let kept = self.kept.as_slice();
        match self.part {
            Part::Length => match self.length() {
                Ok(length) => return (Part::Payload(length), length as u64),
                Err(error) => {
                    found(Found::Lost(error));
                    return (Part::Lost, 0);
                }
            },
            Part::Payload(length) => match header(kept).filter(|_| kept.len() == length) {
                Some(Header { total_size }) => {
                    found(Found::Header { length, json: kept });
                    if let Some(body) = total_size {
                        return (Part::Body(body), body);
                    }
                }
                None => found(Found::Frame { length, start: kept }),
            },
            Part::Body(length) => found(Found::Body { length, start: kept }),
            Part::Lost => {}
        }
        (Part::Length, LENGTH_BYTES as u64)
    }

    fn length(&self) -> wire::Result<usize> {
        let bytes = <[u8; LENGTH_BYTES]>::try_from(self.kept.as_slice()).unwrap_or_default();
        wire::decode_length(bytes, self.limit, self.at - LENGTH_BYTES as u64)
    }
}

fn header(json: &[u8]) -> Option<Header> {
    // serde would also take a list for a struct.
    json.starts_with(b"{").then(|| serde_json::from_slice(json).ok()).flatten()
}

impl fmt::Display for Found<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Found::Frame { length, start } => {
                write!(f, "frame of {length} bytes {}", text::quote(start))
            }
            Found::Header { length, json } => {
                write!(f, "frame of {length} bytes, a JSON header: {}", on_a_line(json))
            }
            Found::Body { length, start } => {
                write!(f, "body of {length} bytes {}", text::quote(start))
            }
            Found::Lost(error) => write!(f, "no frames any more: {error}"),
        }
    }
}

/// JSON as it is, but for what a terminal would not show, or obey.
fn on_a_line(json: &[u8]) -> String {
    let json = String::from_utf8_lossy(json);
    let mut out = String::new();
    for character in json.chars().take(HEADER_SHOWN) {
        match character {
            // JSON escapes these itself, and they would be escaped a second time.
            '"' | '\'' | '\\' => out.push(character),
            _ => out.extend(character.escape_debug()),
        }
    }
    if json.chars().nth(HEADER_SHOWN).is_some() {
        out.push('…');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: usize = wire::DEFAULT_LIMIT;

    fn frame(payload: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        wire::encode(payload, &mut out).unwrap();
        out
    }

    #[test]
    fn a_length_or_a_header_that_claims_gigabytes_costs_a_few_bytes() {
        let mut frames = Frames::new(usize::MAX);
        let mut all = Vec::new();
        let mut tell = |found: Found<'_>| all.push(found.to_string());
        frames.push(&i32::MAX.to_le_bytes(), &mut tell);
        for _ in 0..1000 {
            frames.push(&[b'{'; 10_000], &mut tell);
            assert!(frames.kept.capacity() <= 2 * BODY_KEPT, "{}", frames.kept.capacity());
        }
        let mut frames = Frames::new(LIMIT);
        frames.push(&frame(b"{\"total_size\":18446744073709551615}"), &mut tell);
        for _ in 0..1000 {
            frames.push(&[b'a'; 10_000], &mut tell);
            assert!(frames.kept.capacity() <= 2 * BODY_KEPT, "{}", frames.kept.capacity());
        }
        assert_eq!(all.len(), 3);
        assert!(all[0].starts_with("frame of 2147483647 bytes \"{{{{"), "{}", all[0]);
        assert!(all[2].starts_with("body of 18446744073709551615 bytes \"aaaa"), "{}", all[2]);
    }
}
