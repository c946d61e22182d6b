//! What can be wrong with a stream of frames or messages, and at which byte.

use std::borrow::Cow;

/// The result of everything here that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong with a stream of frames or messages, and where.
///
/// Each `at` is an offset in bytes, counted from where reading began: the first byte that a
/// [`Decoder`](crate::Decoder) or [`FrameReader`](crate::FrameReader) was ever given, or the first
/// of the call to a function such as [`read_frame`](crate::read_frame). There the bad length or
/// header begins, or, if the stream ended too early, there is the byte that did not come.
///
/// After a bad length, header or end nobody can say where the next frame begins: all that is left
/// to do with the stream is to close it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// While writing: a payload or JSON header too long for the length in front of it.
    #[error("{length} bytes are too many for one frame: its length holds at most {}", i32::MAX)]
    TooLong {
        /// The payload's length in bytes, above `i32::MAX`.
        length: usize,
    },

    /// While writing: a message too long for the length in front of it, which is no frame's.
    #[error("{length} bytes are too many for one message: its length holds at most {most}")]
    TooLongForLength {
        /// The message's length in bytes.
        length: usize,
        /// The longest that the length can say, in bytes.
        most: u64,
    },

    /// While writing: the message holds the bytes that are to end it, and so would end there.
    #[error("the message holds its own end mark at byte {at}, and would end there")]
    HoldsEndMark {
        /// Where the end mark begins in the message.
        at: usize,
    },

    /// A frame's length is below zero. Most likely those 4 bytes are no length at all.
    #[error("length {length} at byte {at} is negative")]
    NegativeLength {
        /// What the 4 length bytes say.
        length: i32,
        /// The offset of the first length byte.
        at: u64,
    },

    /// A frame's length is above the reader's limit. Nothing of the payload was read, and no
    /// memory was taken for it.
    #[error("length {length} at byte {at} is above the limit of {limit} bytes{}", as_text(self))]
    TooLarge {
        /// What the 4 length bytes say, in bytes.
        length: u64,
        /// The reader's limit, in bytes.
        limit: u64,
        /// The offset of the first length byte.
        at: u64,
    },

    /// A length in front of a message that is no frame cannot be believed. Nothing of the message
    /// was read, and no memory was taken for it.
    #[error("length {length} at byte {at} is {fault}{}", as_text(self))]
    BadLength {
        /// What the length says, in bytes.
        length: i128,
        /// The bytes that say so, as they came; none if they are digits.
        bytes: Box<[u8]>,
        /// The offset of the first of them.
        at: u64,
        /// Why it cannot be believed.
        fault: LengthFault,
    },

    /// What should be a length in decimal digits is something else.
    #[error("no length in digits at byte {at}; there is \"{text}\"")]
    NoDigits {
        /// The start of what came, escaped, at most 60 characters.
        text: String,
        /// The offset of the length's first byte.
        at: u64,
    },

    /// As many bytes have come as one message may have, and its end was not among them.
    #[error("the message at byte {at} does not end within the limit of {limit} bytes")]
    NoEnd {
        /// The reader's limit, in bytes.
        limit: u64,
        /// The offset of the message's first byte.
        at: u64,
    },

    /// The body that a JSON header announces is above the reader's limit. Nothing of it was read.
    #[error("the header announces a body of {length} bytes, above the limit of {limit} bytes")]
    BodyTooLarge {
        /// The body's length according to the header, in bytes.
        length: u64,
        /// The reader's limit, in bytes.
        limit: u64,
    },

    /// The stream ended inside the 4 length bytes.
    #[error("the stream ended at byte {at}, with {got} of the 4 bytes of a length")]
    EndInHeader {
        /// How many of the length's bytes came: 1 to 3.
        got: usize,
        /// The offset at which the stream ended.
        at: u64,
    },

    /// The stream ended inside a length that is no frame's.
    #[error("the stream ended at byte {at}, with {got} of the {expected} bytes of a length")]
    EndInLength {
        /// How many of the length's bytes came.
        got: usize,
        /// The number of bytes that the length has.
        expected: usize,
        /// The offset at which the stream ended.
        at: u64,
    },

    /// The stream ended before the mark that ends a message, or a length in digits. Whether more was
    /// meant to come nobody can say.
    #[error("the stream ended at byte {at}, with {got} bytes and no end mark behind them")]
    EndBeforeMark {
        /// How many bytes came since the last message.
        got: u64,
        /// The offset at which the stream ended.
        at: u64,
    },

    /// The stream ended inside a payload or a body.
    #[error("the stream ended at byte {at}, with {got} of the {expected} bytes announced")]
    EndInBody {
        /// How many of its bytes came.
        got: u64,
        /// How many were announced.
        expected: u64,
        /// The offset at which the stream ended.
        at: u64,
    },

    /// What should be a JSON header is not JSON, or lacks something other than its size field.
    #[error("no valid JSON header at byte {at}; it begins \"{text}\"")]
    NotJson {
        /// The offset of the JSON's first byte.
        at: u64,
        /// The start of what came, escaped, at most 60 characters.
        text: String,
        /// What the JSON parser found, with line and column.
        source: serde_json::Error,
    },

    /// A JSON header without the field that says how long the body is, or with something in it
    /// that is no length: text, a fraction, a negative number.
    #[error("the JSON header at byte {at} has no length in its field \"{field}\"")]
    MissingField {
        /// The field's name: [`Header::SIZE_FIELD`](crate::Header::SIZE_FIELD), or the framing's.
        field: Cow<'static, str>,
        /// The offset of the JSON's first byte.
        at: u64,
    },

    /// While writing: the header announces another length than the body has. Sent like that, the
    /// reader would take the difference for, or from, the next message. Nothing was written.
    #[error("the header announces a body of {announced} bytes, but the body has {actual}")]
    WrongBodyLength {
        /// What the header says, in bytes.
        announced: u64,
        /// What the body has, in bytes.
        actual: u64,
    },

    /// A body arrived whole, but its digest is not the one announced: it was damaged or changed.
    #[error("the digest of what came is {actual}, and {} was announced", escape(announced.as_bytes()))]
    WrongDigest {
        /// The digest according to the header: hexadecimal, if the header is honest.
        announced: String,
        /// The digest of what came, in hexadecimal.
        actual: String,
    },

    /// While writing: the value cannot be written as JSON (a map whose keys are lists, say).
    #[error("this value cannot be written as JSON")]
    Unserializable(#[source] serde_json::Error),

    /// Reading or writing failed.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

/// Why a length cannot be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LengthFault {
    /// The length is below zero.
    #[error("negative")]
    Negative,
    /// The length is above the reader's limit, in bytes.
    #[error("above the limit of {limit} bytes")]
    AboveLimit {
        /// The longest message that the reader takes, in bytes.
        limit: u64,
    },
    /// The length counts its own bytes too, and is smaller than they are.
    #[error("smaller than its own {least} bytes, which it counts too")]
    BelowItself {
        /// How many bytes the length itself has.
        least: u64,
    },
}

impl Error {
    /// The 2 to 8 bytes of a bad length as text, escaped, if text is what they seem to be: all of
    /// them printable ASCII, `\n`, `\r` or `\t`. A peer that sends no lengths is recognised by it.
    ///
    /// Always `None` for a frame's negative length, because its last byte is above 127 and so not
    /// ASCII.
    ///
    /// ```
    /// let mut peer: &[u8] = b"1\n2\n3\n";
    /// let error = wire::read_frame(&mut peer, wire::DEFAULT_LIMIT).unwrap_err();
    /// assert_eq!(error.length_as_text().as_deref(), Some("1\\n2\\n"));
    /// ```
    pub fn length_as_text(&self) -> Option<String> {
        let bytes = self.length_bytes().filter(|bytes| bytes.len() > 1)?;
        let is_text = bytes.iter().all(|byte| matches!(byte, b' '..=b'~' | b'\n' | b'\r' | b'\t'));
        is_text.then(|| escape(&bytes))
    }

    /// What a bad length says when its bytes are taken the other way round, if that could be a good
    /// one: not 0, within the limit, and with nothing in the higher half of its bytes. (Every
    /// 65,536th length of 4 bytes that is really too long fits that too.)
    ///
    /// ```
    /// let mut peer: &[u8] = b"\0\0\0\x07echo hi";
    /// let error = wire::read_frame(&mut peer, wire::DEFAULT_LIMIT).unwrap_err();
    /// assert_eq!(error.to_string(), "length 117440512 at byte 0 is above the limit of 16777216 bytes");
    /// assert_eq!(error.length_reversed(), Some(7));
    /// ```
    pub fn length_reversed(&self) -> Option<u64> {
        let limit = match self {
            Self::TooLarge { limit, .. } => *limit,
            Self::BadLength { fault: LengthFault::AboveLimit { limit }, .. } => *limit,
            _ => 1 << 24,
        };
        let bytes = self.length_bytes().filter(|bytes| (2..=8).contains(&bytes.len()))?;
        let add = |sum: u64, byte: &u8| sum << 8 | u64::from(*byte);
        let highest_first = bytes.iter().fold(0, add);
        let lowest_first = bytes.iter().rev().fold(0, add);
        let bits = 8 * bytes.len();
        let came_highest_first = match self {
            Self::BadLength { length, .. } => {
                *length as u64 & (u64::MAX >> (64 - bits)) == highest_first
            }
            _ => false,
        };
        let reversed = if came_highest_first { lowest_first } else { highest_first };
        let is_plausible = (1..=limit).contains(&reversed) && reversed >> (bits / 2) == 0;
        is_plausible.then_some(reversed)
    }

    /// Whether the stream ended inside a message, or inside what says how long one is.
    pub fn is_early_end(&self) -> bool {
        matches!(
            self,
            Self::EndInHeader { .. }
                | Self::EndInLength { .. }
                | Self::EndBeforeMark { .. }
                | Self::EndInBody { .. }
        )
    }

    /// The bytes of a bad length as they came, if it is none in digits.
    pub fn length_bytes(&self) -> Option<Vec<u8>> {
        match self {
            Self::NegativeLength { length, .. } => Some(length.to_le_bytes().to_vec()),
            Self::TooLarge { length, .. } => {
                Some(u32::try_from(*length).ok()?.to_le_bytes().to_vec())
            }
            Self::BadLength { bytes, .. } => Some(bytes.to_vec()),
            _ => None,
        }
    }
}

/// The most characters that an error shows of what came.
const MAX_CHARACTERS: usize = 60;

/// The start of `bytes` as text on one line, at most [`MAX_CHARACTERS`] long: control characters are
/// escaped, and bytes that are not UTF-8 become U+FFFD.
pub(crate) fn escape(bytes: &[u8]) -> String {
    // No character of UTF-8 has more than 4 bytes, so more than this is never needed.
    let start = bytes.get(..MAX_CHARACTERS * 4).unwrap_or(bytes);
    let mut text = String::new();
    let mut used = 0;
    for character in String::from_utf8_lossy(start).chars() {
        let escaped: String = match character {
            '\'' => "'".to_owned(), // Text in double quotes can hold it as it is.
            other => other.escape_debug().collect(),
        };
        used += escaped.chars().count();
        if used > MAX_CHARACTERS {
            break;
        }
        text.push_str(&escaped);
    }
    text
}

fn as_text(error: &Error) -> String {
    error.length_as_text().map(|text| format!("; as text it is \"{text}\"")).unwrap_or_default()
}
