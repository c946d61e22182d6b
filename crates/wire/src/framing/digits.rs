//! A length as text: decimal digits of a fixed width, or digits and an end mark.
//!
//! ```text
//! digits:10    "5         hello"     as Python's f"{n:<10}" writes it
//! digits:>10   "         5hello"     as C's printf("%10d") does
//! digits:04    "0005hello"
//! digits:\n    "5\nhello"
//! ```
//!
//! What is read may be padded on either side, as it may be for Python's `int()`.

use std::fmt;

use crate::error::{Error, LengthFault, Result, escape};
use crate::framing::mark::Mark;
use crate::framing::unknown::UnknownReason;

/// The most bytes that digits may have before their end mark. A number of 64 bits has at most 20.
pub(crate) const MOST_MARKED: usize = 32;

/// A length in decimal digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Digits(pub(crate) Form);

/// Where the digits end.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Form {
    /// After so many characters, at least one.
    Fixed { width: u8, padding: Padding },
    /// Before this mark, which does not begin with a digit.
    Marked(Mark),
}

/// What digits of a fixed width are filled up with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Padding {
    /// Zeros in front: `0005`.
    Zeros,
    /// Spaces in front: `   5`.
    SpacesBefore,
    /// Spaces behind: `5   `.
    SpacesAfter,
}

impl Digits {
    /// Digits so many characters wide, or `None` if that is 0.
    pub fn fixed(width: u8, padding: Padding) -> Option<Self> {
        (width > 0).then_some(Self(Form::Fixed { width, padding }))
    }

    /// Digits and an end mark, or `None` if the mark begins with a digit.
    pub fn marked(mark: Mark) -> Option<Self> {
        let is_digit = mark.bytes().first().is_some_and(u8::is_ascii_digit);
        (!is_digit).then_some(Self(Form::Marked(mark)))
    }

    /// How many bytes wide they are, or `None` if a mark ends them.
    pub fn width(&self) -> Option<usize> {
        match self.0 {
            Form::Fixed { width, .. } => Some(width.into()),
            Form::Marked(_) => None,
        }
    }

    /// Digits from what is written behind `digits:`.
    pub(crate) fn from_text(text: &str) -> Result<Self, UnknownReason> {
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let fixed = |width: &str, padding| {
            width
                .parse()
                .ok()
                .and_then(|width| Self::fixed(width, padding))
                .ok_or(UnknownReason::Width)
        };
        match text.strip_prefix('>').filter(|width| is_number(width)) {
            Some(width) => return fixed(width, Padding::SpacesBefore),
            None if is_number(text) => {}
            None if text.is_empty() || text.starts_with(|c: char| c.is_ascii_digit()) => {
                return Err(UnknownReason::WidthOrMark);
            }
            None => {
                return Self::marked(Mark::from_escaped(text)?).ok_or(UnknownReason::WidthOrMark);
            }
        }
        match text.strip_prefix('0') {
            Some(width) => fixed(width, Padding::Zeros),
            None => fixed(text, Padding::SpacesAfter),
        }
    }

    /// Appends the length of a message of `length` bytes to `out`.
    pub(crate) fn encode(&self, length: usize, out: &mut Vec<u8>) -> Result<()> {
        let number = length.to_string();
        let (width, padding) = match &self.0 {
            Form::Marked(mark) => {
                out.extend_from_slice(number.as_bytes());
                out.extend_from_slice(mark.bytes());
                return Ok(());
            }
            Form::Fixed { width, padding } => (usize::from(*width), padding),
        };
        if number.len() > width {
            let most = 10_u64.saturating_pow(width as u32).saturating_sub(1);
            return Err(Error::TooLongForLength { length, most });
        }
        let text = match padding {
            Padding::Zeros => format!("{number:0>width$}"),
            Padding::SpacesBefore => format!("{number:>width$}"),
            Padding::SpacesAfter => format!("{number:<width$}"),
        };
        out.extend_from_slice(text.as_bytes());
        Ok(())
    }

    /// The length of the message that these bytes announce, which stand at the offset `at`: all of a
    /// fixed width, or all up to the mark and with it.
    pub(crate) fn decode(&self, bytes: &[u8], limit: usize, at: u64) -> Result<usize> {
        let text = match &self.0 {
            Form::Fixed { .. } => Some(bytes),
            Form::Marked(mark) => bytes.strip_suffix(mark.bytes()),
        };
        let number =
            text.and_then(number).ok_or_else(|| Error::NoDigits { text: escape(bytes), at })?;
        match usize::try_from(number) {
            Ok(length) if length <= limit => Ok(length),
            _ => {
                let fault = LengthFault::AboveLimit { limit: limit as u64 };
                Err(Error::BadLength { length: number.into(), bytes: Box::default(), at, fault })
            }
        }
    }
}

/// The number that this text says, or `u64::MAX` if it is larger than that.
pub(crate) fn number(text: &[u8]) -> Option<u64> {
    let digits = text.trim_ascii();
    let add = |sum: u64, digit: &u8| match digit {
        b'0'..=b'9' => Some(sum.saturating_mul(10).saturating_add((digit - b'0').into())),
        _ => None,
    };
    if digits.is_empty() { None } else { digits.iter().try_fold(0, add) }
}

impl fmt::Display for Digits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Form::Marked(mark) => write!(f, "{mark}"),
            Form::Fixed { width, padding: Padding::Zeros } => write!(f, "0{width}"),
            Form::Fixed { width, padding: Padding::SpacesBefore } => write!(f, ">{width}"),
            Form::Fixed { width, padding: Padding::SpacesAfter } => write!(f, "{width}"),
        }
    }
}
