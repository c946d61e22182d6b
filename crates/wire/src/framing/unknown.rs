//! What is wrong with a text that should name a framing, and what may be written.

use crate::error::escape;

/// A text that names no [`Framing`](crate::Framing), and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no framing \"{}\": {reason}", escape(text.as_bytes()))]
pub struct UnknownFraming {
    /// What was written.
    pub text: String,
    /// What is wrong with that text.
    pub reason: UnknownReason,
}

/// What is wrong with a text that should name a framing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UnknownReason {
    /// The text begins like no framing.
    #[error(
        "write none, line, end, a length as Python's struct names it (<i, >H, !Q, B; with +self if \
         it counts itself), digits:10, digits:04, digits:\\n, until:HEX or json:>H:FIELD"
    )]
    Word,

    /// `l` or `L` without an order.
    #[error(
        "l and L alone have 8 bytes on Linux and 4 on Windows: write <l or >l for 4 bytes, q for 8"
    )]
    NativeLong,

    /// A width of digits that cannot be.
    #[error("digits are 1 to {} characters wide", u8::MAX)]
    Width,

    /// Neither a width nor an end mark.
    #[error(
        "after digits: comes a width (10, 04 with zeros, >10 with spaces in front) or an end mark, \
         which does not begin with a digit (\\n, \\r\\n, :)"
    )]
    WidthOrMark,

    /// A backslash with something else behind it.
    #[error(
        "an end mark has no other escapes than \\n, \\r, \\t, \\0, \\\\ and \\x with two hexadecimal digits"
    )]
    Escape,

    /// Something that is not hexadecimal.
    #[error("after until: comes an even number of hexadecimal digits, such as 0d0a")]
    Hex,

    /// An end mark without bytes, or with too many.
    #[error("an end mark has 1 to {most} bytes")]
    MarkLength {
        /// The most bytes that an end mark may have.
        most: usize,
    },

    /// JSON without the name of a field.
    #[error(
        "after json: comes a length, a colon and the field that says how long the rest is: json:>H:size"
    )]
    Json,
}

impl UnknownReason {
    /// The error about the whole of what was written.
    pub(crate) fn of(self, text: &str) -> UnknownFraming {
        UnknownFraming { text: text.to_owned(), reason: self }
    }
}
