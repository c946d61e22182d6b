//! `--frames`: this project's frames, wherever the stream is cut.
//!
//! ```text
//! ┌────────────┬─────────┐      ┌────────────┬────────────────────┬──────┐
//! │ length (4) │ payload │  or  │ length (4) │ {"total_size":3,…} │ body │
//! └────────────┴─────────┘      └────────────┴────────────────────┴──────┘
//! ```
//!
//! A relay sees pieces, cut anywhere, of streams that may be something else. So the view collects no
//! more than it shows: a length that claims 2 GiB costs a few bytes. `wire::Decoder`, which collects
//! whole payloads, would be the wrong tool.

use std::fmt;

use serde::Deserialize;
use trace::text;
use wire::{Error, LENGTH_BYTES};

/// How many bytes of a payload or body are kept: more than [`text::quote`] shows, so that it says
/// where it cuts.
const KEPT: usize = 64;

/// How long a payload may be that is kept whole, because it seems to be a JSON header: as long as
/// lesson 03 lets one be.
const HEADER_LIMIT: usize = 64 * 1024;

/// How many characters of a JSON header are shown.
const SHOWN: usize = 400;

/// What was found in a stream.
#[derive(Debug)]
pub enum Found<'a> {
    /// A frame.
    Frame {
        /// How many bytes its payload has.
        length: usize,
        /// The first of them.
        start: &'a [u8],
    },
    /// A frame that holds a JSON object.
    Header {
        /// How many bytes that has.
        length: usize,
        /// All of them.
        json: &'a [u8],
    },
    /// What follows a header that has announced it.
    Body {
        /// How many bytes it has.
        length: u64,
        /// The first of them.
        start: &'a [u8],
    },
    /// From here on nobody can say where a frame begins, and nothing more will be found.
    Lost(Error),
}

/// Finds the frames in one direction of a connection.
#[derive(Debug)]
pub struct Frames {
    limit: usize,
    part: Part,
    /// The part's bytes, as far as they are kept.
    kept: Vec<u8>,
    /// How many of its bytes are still to come.
    left: u64,
    /// Whether it was told of.
    told: bool,
    /// How many bytes of the stream have come.
    at: u64,
}

#[derive(Debug, Clone, Copy)]
enum Part {
    Length,
    /// Of so many bytes.
    Payload(usize),
    /// Of so many bytes.
    Body(u64),
    /// Something else.
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

    /// Takes what belongs to this part, and keeps as much of it as is wanted; returns how much that
    /// is in all.
    fn take(&mut self, piece: &mut &[u8]) -> usize {
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(piece.len());
        let (taken, rest) = piece.split_at_checked(most).unwrap_or_default();
        *piece = rest;
        self.left -= taken.len() as u64;
        self.at += taken.len() as u64;
        let wanted = match (self.part, self.kept.first().or(taken.first())) {
            (Part::Length, _) => LENGTH_BYTES,
            (Part::Payload(length), Some(b'{')) if length <= HEADER_LIMIT => length,
            (Part::Payload(length), _) => length.min(KEPT),
            (Part::Body(length), _) => usize::try_from(length).unwrap_or(usize::MAX).min(KEPT),
            (Part::Lost, _) => 0,
        };
        let room = wanted.saturating_sub(self.kept.len());
        self.kept.extend_from_slice(taken.get(..room).unwrap_or(taken));
        wanted
    }

    /// Tells of this part, and says what comes after it.
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
        let (length, at) = (i32::from_le_bytes(bytes), self.at - LENGTH_BYTES as u64);
        match usize::try_from(length) {
            Err(_) => Err(Error::NegativeLength { length, at }),
            Ok(length) if length > self.limit => {
                Err(Error::TooLarge { length: length as u64, limit: self.limit as u64, at })
            }
            Ok(length) => Ok(length),
        }
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
            Found::Lost(error) => write!(f, "no frames any more: {error}; relayed all the same"),
        }
    }
}

/// JSON as it is, but for what a terminal would not show, or obey.
fn on_a_line(json: &[u8]) -> String {
    let json = String::from_utf8_lossy(json);
    let mut out = String::new();
    for character in json.chars().take(SHOWN) {
        match character {
            // These are JSON's own, and would be escaped a second time.
            '"' | '\'' | '\\' => out.push(character),
            _ => out.extend(character.escape_debug()),
        }
    }
    if json.chars().nth(SHOWN).is_some() {
        out.push('…');
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    const LIMIT: usize = wire::DEFAULT_LIMIT;

    /// What is found in a stream that comes in these pieces, and how it ends.
    fn found(pieces: &[&[u8]]) -> (Vec<String>, String) {
        let (mut frames, mut all) = (Frames::new(LIMIT), Vec::new());
        for piece in pieces {
            frames.push(piece, &mut |found| all.push(found.to_string()));
        }
        let end = frames.finish().err().map(|error| error.to_string());
        (all, end.unwrap_or_default())
    }

    fn frame(payload: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        wire::encode(payload, &mut out).unwrap();
        out
    }

    #[test]
    fn each_frame_is_shown_with_its_length() {
        let stream = [frame(b"echo hi"), frame(b""), frame(&[b'a'; 1000])].concat();
        let (all, end) = found(&[&stream]);
        let long = format!("frame of 1000 bytes \"{}\"…", "a".repeat(60));
        assert_eq!(all, ["frame of 7 bytes \"echo hi\"", "frame of 0 bytes \"\"", &long]);
        assert_eq!(end, "");
    }

    #[test]
    fn a_json_header_is_shown_and_so_is_the_body_that_it_announces() {
        for name in ["total_size", "size", "lenth"] {
            let json = format!("{{\"filename\":\"好\\t.txt\",\n\"{name}\":3}}");
            let stream = [&frame(json.as_bytes())[..], b"hi\n", &frame(b"next")].concat();
            let (all, end) = found(&[&stream]);
            let header = format!(
                "frame of {} bytes, a JSON header: {}",
                json.len(),
                json.replace('\n', "\\n")
            );
            assert_eq!(all, [&header, "body of 3 bytes \"hi\\n\"", "frame of 4 bytes \"next\""]);
            assert_eq!(end, "");
        }
    }

    #[test]
    fn json_that_announces_no_body_has_none() {
        for json in ["{}", r#"{"error":"no such file"}"#] {
            let (all, _) = found(&[&[frame(json.as_bytes()), frame(b"next")].concat()]);
            assert!(all[0].ends_with(&format!("a JSON header: {json}")), "{all:?}");
            assert_eq!(all[1], "frame of 4 bytes \"next\"");
        }
        for text in ["[3]", "{", "{\"total_size\":-1}", "{\"total_size\":\"3\"}"] {
            let (all, _) = found(&[&[frame(text.as_bytes()), frame(b"next")].concat()]);
            assert!(!all[0].contains("JSON"), "{all:?}");
            assert_eq!(all[1], "frame of 4 bytes \"next\"");
        }
    }

    #[test]
    fn a_stream_of_something_else_says_once_where_it_stops_being_frames_and_why() {
        let http = [&frame(b"hello")[..], b"GET / HTTP/1.1\r\n\r\n"].concat();
        let (all, end) = found(&[&http, b"more", &frame(b"hello")]);
        let words = "no frames any more: length 542393671 at byte 9 is above the limit of 16777216 \
                     bytes; as text it is \"GET \"; relayed all the same";
        assert_eq!(all, ["frame of 5 bytes \"hello\"", words]);
        assert_eq!(end, "");

        let (all, _) = found(&[&[0xff; 100]]);
        let words = "no frames any more: length -1 at byte 0 is negative; relayed all the same";
        assert_eq!(all, [words]);
    }

    #[test]
    fn a_stream_that_ends_inside_a_frame_says_how_much_is_missing() {
        assert_eq!(
            found(&[b"\x07\0"]).1,
            "the stream ended at byte 2, with 2 of the 4 bytes of a length"
        );
        let cut = |stream: &[u8]| found(&[stream]).1;
        let words = "the stream ended at byte 8, with 4 of the 7 bytes announced";
        assert_eq!(cut(&frame(b"echo hi")[..8]), words);
        let json = frame(b"{\"total_size\":1000}");
        let words = "the stream ended at byte 24, with 1 of the 1000 bytes announced";
        assert_eq!(cut(&[&json[..], b"a"].concat()), words);
    }

    #[test]
    fn a_length_or_a_header_that_claims_gigabytes_costs_a_few_bytes() {
        let mut frames = Frames::new(usize::MAX);
        let mut all = Vec::new();
        let mut tell = |found: Found<'_>| all.push(found.to_string());
        frames.push(&i32::MAX.to_le_bytes(), &mut tell);
        for _ in 0..1000 {
            frames.push(&[b'{'; 10_000], &mut tell);
            assert!(frames.kept.capacity() <= 2 * KEPT, "{}", frames.kept.capacity());
        }
        let mut frames = Frames::new(LIMIT);
        frames.push(&frame(b"{\"total_size\":18446744073709551615}"), &mut tell);
        for _ in 0..1000 {
            frames.push(&[b'a'; 10_000], &mut tell);
            assert!(frames.kept.capacity() <= 2 * KEPT, "{}", frames.kept.capacity());
        }
        assert_eq!(all.len(), 3);
        assert!(all[0].starts_with("frame of 2147483647 bytes \"{{{{"), "{}", all[0]);
        assert!(all[2].starts_with("body of 18446744073709551615 bytes \"aaaa"), "{}", all[2]);
    }

    #[test]
    fn a_header_can_move_no_cursor_and_is_cut_when_it_is_long() {
        let json = format!("{{\"a\":\"\u{7f}\u{202e}{}\"}}", "x".repeat(1000));
        let (all, _) = found(&[&frame(json.as_bytes())]);
        assert!(all[0].contains("a JSON header: {\"a\":\"\\u{7f}\\u{202e}xxx"), "{}", all[0]);
        assert!(all[0].ends_with("xxx…"), "{}", all[0]);
    }

    fn any_part() -> impl Strategy<Value = Vec<u8>> {
        let message = vec(any::<u8>(), 0..200).prop_map(|payload| frame(&payload));
        let body = (vec(any::<u8>(), 0..200), 0..3_usize).prop_map(|(body, missing)| {
            let json = format!("{{\"total_size\":{}}}", body.len() + missing / 2);
            [frame(json.as_bytes()), body].concat()
        });
        let cut = (vec(any::<u8>(), 0..9), 0..300_i32)
            .prop_map(|(bytes, length)| [&length.to_le_bytes()[..], &bytes].concat());
        prop_oneof![4 => message, 4 => body, 1 => cut, 1 => vec(any::<u8>(), 0..9)]
    }

    proptest! {
        #[test]
        fn the_same_frames_are_found_wherever_the_stream_is_cut(
            parts in vec(any_part(), 0..6),
            sizes in vec(1..40_usize, 1..9),
        ) {
            let stream = parts.concat();
            let whole = found(&[&stream]);
            let bytes: Vec<&[u8]> = stream.chunks(1).collect();
            prop_assert_eq!(&found(&bytes), &whole);
            for cut in 0..=stream.len() {
                let (before, after) = stream.split_at(cut);
                prop_assert_eq!(&found(&[before, after]), &whole, "cut at {}", cut);
            }
            let (mut pieces, mut rest) = (Vec::new(), stream.as_slice());
            for size in sizes.iter().cycle() {
                let (piece, more) = rest.split_at(rest.len().min(*size));
                pieces.push(piece);
                rest = more;
                if rest.is_empty() {
                    break;
                }
            }
            prop_assert_eq!(&found(&pieces), &whole);
        }
    }
}
