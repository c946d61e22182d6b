//! End marks: the bytes that say that a message, or a length in digits, ends here.

use std::fmt;

use crate::framing::unknown::UnknownReason;

/// The longest end mark, in bytes. Looking for a mark costs its length for each piece of a stream.
pub const LONGEST_MARK: usize = 64;

const LENGTH: UnknownReason = UnknownReason::MarkLength { most: LONGEST_MARK };

/// One to [`LONGEST_MARK`] bytes that end something.
///
/// As text a mark is what is written in a program's source: `\n`, `\r\n`, `\x03`, `:`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Mark(Vec<u8>);

impl Mark {
    /// A mark of these bytes, or `None` if they are none or too many.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Option<Self> {
        let bytes = bytes.into();
        (1..=LONGEST_MARK).contains(&bytes.len()).then_some(Self(bytes))
    }

    /// The mark's bytes, at least one.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// A mark from its bytes in hexadecimal, in upper or lower case.
    pub(crate) fn from_hex(text: &str) -> Result<Self, UnknownReason> {
        let (pairs, rest) = text.as_bytes().as_chunks::<2>();
        let bytes: Option<Vec<u8>> = pairs.iter().map(|pair| hex_byte(*pair)).collect();
        match bytes {
            Some(bytes) if rest.is_empty() => Self::new(bytes).ok_or(LENGTH),
            _ => Err(UnknownReason::Hex),
        }
    }

    /// A mark from its text, in which a backslash begins an escape.
    pub(crate) fn from_escaped(text: &str) -> Result<Self, UnknownReason> {
        let mut bytes = Vec::new();
        let mut rest = text.as_bytes();
        while let Some((byte, after)) = rest.split_first() {
            let (byte, after) = match byte {
                b'\\' => unescape(after).ok_or(UnknownReason::Escape)?,
                byte => (*byte, after),
            };
            bytes.push(byte);
            rest = after;
        }
        Self::new(bytes).ok_or(LENGTH)
    }

    /// The mark's bytes in hexadecimal, in lower case.
    pub(crate) fn to_hex(&self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// What comes after a backslash: the byte that it means, and what follows.
fn unescape(text: &[u8]) -> Option<(u8, &[u8])> {
    let (letter, after) = text.split_first()?;
    let byte = match letter {
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'0' => 0,
        b'\\' => b'\\',
        b'x' => {
            let (pair, after) = after.split_first_chunk()?;
            return Some((hex_byte(*pair)?, after));
        }
        _ => return None,
    };
    Some((byte, after))
}

fn hex_byte(pair: [u8; 2]) -> Option<u8> {
    let [high, low] = pair.map(|digit| char::from(digit).to_digit(16));
    u8::try_from(high? * 16 + low?).ok()
}

impl fmt::Display for Mark {
    /// Escaped, so that the text can be read back: as the first byte a digit or `>` would be taken for a
    /// width, a comma begins the second of two framings, and a space is easily overlooked.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, byte) in self.0.iter().enumerate() {
            match byte {
                b'\n' => f.write_str("\\n")?,
                b'\r' => f.write_str("\\r")?,
                b'\t' => f.write_str("\\t")?,
                0 => f.write_str("\\0")?,
                b'\\' => f.write_str("\\\\")?,
                b'0'..=b'9' | b'>' if index == 0 => write!(f, "\\x{byte:02x}")?,
                b'!'..=b'~' if *byte != b',' => write!(f, "{}", char::from(*byte))?,
                other => write!(f, "\\x{other:02x}")?,
            }
        }
        Ok(())
    }
}
