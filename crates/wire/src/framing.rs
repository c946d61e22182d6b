//! Where a message ends: one value for each way in which programs say it.
//!
//! | text | where a message ends |
//! | --- | --- |
//! | `none` | nothing says so: what one recv gives is taken for one message |
//! | `<i` `>I` `!H` `<Q` `B` … | a length in front, as Python's `struct` packs it; `+self` behind it: the length counts itself too |
//! | `digits:10` `digits:>10` `digits:04` | a length as text, ten characters wide, padded with spaces behind it or in front; four with zeros |
//! | `digits:\n` | a length as text and an end mark |
//! | `line` | a new line, with or without a carriage return before it |
//! | `until:HEX` | these bytes |
//! | `json:>H:FIELD` | a length, a JSON header of that length, and as many bytes as its FIELD says |
//! | `end` | the end of the stream |
//!
//! ```text
//! >I          00 00 00 05 h e l l o
//! >I+self     00 00 00 09 h e l l o
//! digits:10   5 _ _ _ _ _ _ _ _ _ h e l l o
//! line        h e l l o \n
//! json:>H:n   00 07 { " n " : 5 } h e l l o
//! ```

mod buffer;
pub mod candidates;
pub mod decoder;
pub mod digits;
pub mod encoder;
pub mod length;
pub mod mark;
pub mod pair;
mod part;
pub mod reader;
pub mod unknown;

use std::fmt;
use std::str::FromStr;

use crate::framing::digits::Digits;
use crate::framing::length::LengthField;
use crate::framing::mark::Mark;
use crate::framing::unknown::{UnknownFraming, UnknownReason};

/// Where a message ends. The [module](crate::framing) has the table of the texts that it is
/// written as.
///
/// ```
/// use wire::Framing;
///
/// let framing: Framing = "!I".parse()?;
/// assert_eq!(framing.to_string(), ">I");
///
/// let mut sent = Vec::new();
/// framing.encode(b"hello", &mut sent)?;
/// assert_eq!(sent, b"\0\0\0\x05hello");
/// assert_eq!(framing.read(&mut sent.as_slice(), 100)?, Some(b"hello".to_vec()));
/// assert_eq!(Framing::candidates(&sent).first(), Some(&framing));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Framing {
    /// `none`: nothing says so. What one recv gives is taken for one message, which is wrong as
    /// soon as two arrive together or one is cut. An empty message cannot be told from none.
    None,
    /// `<i`, `>H`, …: a length in front.
    Length(LengthField),
    /// `digits:…`: a length as text in front.
    Digits(Digits),
    /// `line`: a new line ends it. One carriage return before that is no part of the message.
    Line,
    /// `until:HEX`: these bytes end it, and are no part of it.
    Until(Mark),
    /// `json:LENGTH:FIELD`: a JSON header, of at most 64 KiB, says how long the message is.
    Json {
        /// How long the header is.
        length: LengthField,
        /// The header's field that says how long the message is, in bytes.
        field: String,
    },
    /// `end`: the stream is one message. A stream without bytes has none.
    End,
}

impl Framing {
    /// `<i`: this project's frames.
    pub const FRAME: Self = Self::Length(LengthField::FRAME);
}

impl FromStr for Framing {
    type Err = UnknownFraming;

    /// # Errors
    /// [`UnknownFraming`] says what is wrong and what may be written.
    fn from_str(text: &str) -> Result<Self, UnknownFraming> {
        let of = |reason: UnknownReason| reason.of(text);
        match text.split_once(':') {
            Some(("digits", rest)) => Digits::from_text(rest).map(Self::Digits).map_err(of),
            Some(("until", rest)) => Mark::from_hex(rest).map(Self::Until).map_err(of),
            Some(("json", rest)) => {
                let (length, field) = rest.split_once(':').unwrap_or((rest, ""));
                let length: LengthField = length.parse().map_err(|error| {
                    let UnknownFraming { reason, .. } = error;
                    of(if reason == UnknownReason::Word { UnknownReason::Json } else { reason })
                })?;
                match field {
                    "" => Err(of(UnknownReason::Json)),
                    field => Ok(Self::Json { length, field: field.to_owned() }),
                }
            }
            _ => match text {
                "none" => Ok(Self::None),
                "line" => Ok(Self::Line),
                "end" => Ok(Self::End),
                "digits" => Err(of(UnknownReason::WidthOrMark)),
                "until" => Err(of(UnknownReason::Hex)),
                "json" => Err(of(UnknownReason::Json)),
                length => length.parse().map(Self::Length),
            },
        }
    }
}

impl fmt::Display for Framing {
    /// As it would be parsed, always the same for the same framing: `!L` is shown as `>I`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("none"),
            Self::Length(length) => write!(f, "{length}"),
            Self::Digits(digits) => write!(f, "digits:{digits}"),
            Self::Line => f.write_str("line"),
            Self::Until(mark) => write!(f, "until:{}", mark.to_hex()),
            Self::Json { length, field } => write!(f, "json:{length}:{field}"),
            Self::End => f.write_str("end"),
        }
    }
}
