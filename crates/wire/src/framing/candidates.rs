//! Which framings a peer's first bytes would fit.
//!
//! ```text
//! 00 00 00 05 h e l l o
//! └────── 5 ┘ └───────┘   >I    32 bits that would otherwise be chance
//! └─0─┘ └─5─┘ └───────┘   >H    an empty message, which says nothing, and 16 bits
//! 0  0  0  └5 └───────┘   B     8 bits
//! └─── 21,575,529,836 ──  >Q    no: it would wait for ever
//! ```
//!
//! Many framings fit any bytes: a length of one byte is met by chance each 256th time. So those that
//! fit are ranked, first by how well they account for all the bytes, then by how little of that
//! would be chance.

use std::cmp::Reverse;

use serde_json::{Map, Value};

use crate::frame::DEFAULT_LIMIT;
use crate::framing::Framing;
use crate::framing::decoder::Decoder;
use crate::framing::digits::{Digits, Form, Padding};
use crate::framing::length::{ByteOrder, LengthField};
use crate::framing::mark::Mark;
use crate::framing::part::JSON_LIMIT;

/// The number of bytes that are looked at, from the first.
const MOST_BYTES: usize = 64 * 1024;

/// The widest digits that are tried, in characters.
const MOST_DIGITS: usize = 64;

/// The number of fields of a JSON header that are tried.
const MOST_FIELDS: usize = 16;

/// The least evidence that counts, in bits: with less, all is chance.
const LEAST_BITS: u32 = 8;

/// `<i` is the one that this project's lessons and the tutorial use. Of the others the unsigned
/// stands for both, which differ in nothing that a peer's first bytes could show.
const LENGTHS: [(char, ByteOrder); 7] = [
    ('i', ByteOrder::Little),
    ('I', ByteOrder::Big),
    ('Q', ByteOrder::Little),
    ('Q', ByteOrder::Big),
    ('H', ByteOrder::Little),
    ('H', ByteOrder::Big),
    ('B', ByteOrder::Little),
];

/// How well a framing accounts for the bytes, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    /// The bytes are whole messages.
    Whole,
    /// The bytes are whole messages and the beginning of another.
    Begun,
    /// The bytes are the beginning of one message.
    Waits,
}

impl Framing {
    /// The framings that a peer's first bytes would fit, the best first: those of which all the
    /// bytes are whole messages, then those of which they are whole messages and the beginning of
    /// another, then those that wait for more of the first message, up to 16 MiB. `none` and `end`,
    /// which fit anything, come last. Without bytes there are none.
    ///
    /// No more than the first 64 KiB are looked at, and the time taken is in proportion to them.
    ///
    /// ```
    /// use wire::Framing;
    ///
    /// let texts = |bytes: &[u8]| -> Vec<String> {
    ///     Framing::candidates(bytes).iter().map(Framing::to_string).collect()
    /// };
    /// assert_eq!(texts(b"\0\0\0\x05hello"), [">I", ">H", "B", "none", "end"]);
    /// assert_eq!(texts(b"hello\r\n"), ["line", "none", "end"]);
    /// assert_eq!(texts(b"5         hello"), ["digits:10", "none", "end"]);
    /// ```
    pub fn candidates(bytes: &[u8]) -> Vec<Self> {
        if bytes.is_empty() {
            return Vec::new();
        }
        let looked_at = bytes.get(..MOST_BYTES).unwrap_or(bytes);
        let mut found: Vec<_> = possible(looked_at)
            .into_iter()
            .filter_map(|framing| Some((rank(&framing, looked_at)?, framing)))
            .collect();
        found.sort_by_key(|(rank, _)| *rank);
        found.into_iter().map(|(_, framing)| framing).chain([Self::None, Self::End]).collect()
    }
}

/// All framings that are worth trying on these bytes; of equal ones, the likelier first.
fn possible(bytes: &[u8]) -> Vec<Framing> {
    let lengths: Vec<LengthField> =
        LENGTHS.iter().filter_map(|(letter, order)| LengthField::new(*letter, *order)).collect();
    let mut all: Vec<Framing> = Vec::new();
    all.extend(lengths.iter().flat_map(|length| with_json(*length, bytes)));
    all.extend(digits(bytes).map(Framing::Digits));
    all.push(Framing::Line);
    let marks: [&[u8]; 6] = [b"\r\n\r\n", b"\n\n", b"\0", b"\x03", b"\x04", b"\x1e"];
    all.extend(marks.iter().filter_map(|mark| Mark::new(*mark)).map(Framing::Until));
    all.extend(lengths.iter().map(|length| Framing::Length(*length)));
    all.extend(lengths.iter().map(|length| Framing::Length(length.counting_itself())));
    all
}

/// One framing for each field that could say how long the body is, if a JSON header follows this
/// length.
fn with_json(length: LengthField, bytes: &[u8]) -> Vec<Framing> {
    let header = || {
        let (number, rest) = bytes.split_at_checked(length.width())?;
        let json = rest.get(..length.decode(number, JSON_LIMIT, 0).ok()?)?;
        serde_json::from_slice::<Map<String, Value>>(json).ok()
    };
    let fields = header().unwrap_or_default().into_iter();
    let fields = fields.filter(|(_, value)| value.as_u64().is_some_and(|length| length > 0));
    fields.take(MOST_FIELDS).map(|(field, _)| Framing::Json { length, field }).collect()
}

/// Each width that the digits could have with which the bytes begin, and their end mark.
fn digits(bytes: &[u8]) -> impl Iterator<Item = Digits> {
    let is_padded = |byte: &u8| matches!(byte, b'0'..=b'9' | b' ');
    let most = bytes.iter().take(MOST_DIGITS).take_while(|byte| is_padded(byte)).count();
    let padding = match bytes {
        [b' ', ..] => Padding::SpacesBefore,
        [b'0', ..] => Padding::Zeros,
        _ => Padding::SpacesAfter,
    };
    let widths = (1..=most).rev().filter_map(|width| u8::try_from(width).ok());
    let digits = bytes.iter().take(MOST_DIGITS).take_while(|byte| byte.is_ascii_digit()).count();
    let mark = match bytes.get(digits..).unwrap_or_default() {
        _ if digits == 0 => None,
        [b'\r', b'\n', ..] => Mark::new(*b"\r\n"),
        [byte, ..] if byte.is_ascii_punctuation() || *byte <= b' ' => Mark::new([*byte]),
        _ => None,
    };
    let marked = mark.and_then(Digits::marked);
    marked.into_iter().chain(widths.filter_map(move |width| Digits::fixed(width, padding)))
}

/// How well the framing accounts for the bytes, less being better: how, with how many bits that
/// would otherwise be chance, and in how many messages. `None` if it does not.
fn rank(framing: &Framing, bytes: &[u8]) -> Option<(Fit, Reverse<u32>, usize)> {
    let mut decoder = Decoder::new(framing, DEFAULT_LIMIT);
    let (mut input, mut rest) = (bytes, bytes);
    let (mut messages, mut bits, mut is_text, mut has_content) = (0, 0_u32, true, false);
    while let Some(message) = decoder.decode(&mut input).ok()? {
        let length = message.len();
        let (taken, after) = rest.split_at(rest.len() - input.len());
        if length > 0 {
            has_content = true;
            is_text = is_text && message.iter().all(is_texts);
            let header = taken.get(..taken.len() - length).unwrap_or_default();
            // The last one ends where the bytes do. The others had only to end before that.
            let chance = if after.is_empty() { 0 } else { bit_length(rest.len() - header.len()) };
            bits = bits.saturating_add(bits_of(framing, header).saturating_sub(chance));
        }
        messages += 1;
        rest = after;
    }
    if let Some(mark) = end_mark(framing, bytes) {
        let found = mark.len() as u32 * 8 + 4;
        return match (has_content && is_text, rest) {
            (true, []) => Some((Fit::Whole, Reverse(found), messages)),
            (true, rest) if rest.iter().all(is_texts) => {
                Some((Fit::Begun, Reverse(found), messages))
            }
            // An empty line, say.
            (false, []) if *framing == Framing::Line && !has_content => {
                Some((Fit::Whole, Reverse(0), messages))
            }
            _ => None,
        };
    }
    if rest.is_empty() {
        let is_enough = bits >= LEAST_BITS || !has_content;
        return is_enough.then_some((Fit::Whole, Reverse(bits), messages));
    }
    let waiting = match decoder.announced() {
        Some(length) => bits_waiting(framing, rest, length)?,
        None if is_beginning(framing, rest) => 0,
        None => return None,
    };
    let (fit, bits) = match has_content {
        true => (Fit::Begun, bits.saturating_add(waiting)),
        false => (Fit::Waits, waiting),
    };
    (bits >= LEAST_BITS).then_some((fit, Reverse(bits), messages))
}

/// The evidence in a header: the number of its bits that would have been others by chance.
fn bits_of(framing: &Framing, header: &[u8]) -> u32 {
    match framing {
        // In text a digit is no great wonder.
        Framing::Digits(_) => {
            header.iter().map(|byte| if byte.is_ascii_digit() { 4 } else { 8 }).sum()
        }
        // JSON that is whole is no chance at all, however long it is.
        Framing::Json { length, .. } => length.width() as u32 * 8 + 64,
        _ => header.len() as u32 * 8,
    }
}

/// The evidence in the header of a message that has not all come, or `None` if that is not plausible.
/// That its length
/// is no larger speaks for it: of a length that is right the highest byte is 0 more often than not.
fn bits_waiting(framing: &Framing, rest: &[u8], length: usize) -> Option<u32> {
    let Framing::Digits(Digits(form)) = framing else {
        let Framing::Length(field) = framing else { return Some(bits_of(framing, &[])) };
        let bits = (field.width() as u32 * 8).saturating_sub(bit_length(length));
        return (bits >= LEAST_BITS || field.width() == 1).then_some(bits);
    };
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let padded = rest.iter().take_while(|byte| matches!(byte, b'0'..=b'9' | b' ')).count();
    let header = match form {
        // Many a text begins with a number and a space, or a colon.
        Form::Marked(mark) => {
            let is_rare = matches!(mark.bytes(), b"\n" | b"\r\n" | b"\0");
            rest.get(..digits + mark.bytes().len()).filter(|_| is_rare)
        }
        // So it does with one space, and any width that these digits happen to have is as good.
        Form::Fixed { width, padding } => {
            let width = usize::from(*width);
            let is_padded = match padding {
                Padding::SpacesAfter => digits + 1 < width,
                Padding::SpacesBefore => rest.starts_with(b" "),
                Padding::Zeros => rest.starts_with(b"0") && width > 1,
            };
            let is_usual = padded == width || [4, 8, 10, 16, 32, 64].contains(&width);
            rest.get(..width).filter(|_| is_padded && is_usual)
        }
    };
    Some(bits_of(framing, header?))
}

/// Whether something that announces a message could begin like this.
fn is_beginning(framing: &Framing, rest: &[u8]) -> bool {
    match framing {
        Framing::Digits(Digits(Form::Marked(mark))) => {
            rest.iter().all(|byte| byte.is_ascii_digit() || mark.bytes().contains(byte))
        }
        Framing::Digits(_) => rest.iter().all(|byte| matches!(byte, b'0'..=b'9' | b' ')),
        _ => true,
    }
}

/// The mark that ends messages, as these bytes have it.
fn end_mark<'a>(framing: &'a Framing, bytes: &[u8]) -> Option<&'a [u8]> {
    match framing {
        Framing::Until(mark) => Some(mark.bytes()),
        Framing::Line if bytes.windows(2).any(|pair| pair == b"\r\n") => Some(b"\r\n"),
        Framing::Line => Some(b"\n"),
        _ => None,
    }
}

/// Whether the byte may be in text, of whatever encoding.
fn is_texts(byte: &u8) -> bool {
    !byte.is_ascii_control() || matches!(byte, b'\t' | b'\n' | b'\r' | 0x1b)
}

fn bit_length(number: usize) -> u32 {
    usize::BITS - number.leading_zeros()
}
