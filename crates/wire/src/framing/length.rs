//! A length in bytes, as Python's `struct` packs one number.
//!
//! ```text
//!                        <i, <I        >i, >I, !I    >H      <Q                        B
//! 5 bytes               05 00 00 00   00 00 00 05   00 05   05 00 00 00 00 00 00 00   05
//! 5 bytes, with +self   09 00 00 00   00 00 00 09   00 07   0d 00 00 00 00 00 00 00   06
//! ```
//!
//! Size and order are all that a stream shows of it; signed and unsigned differ only in the longest
//! message.

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, LengthFault, Result};
use crate::framing::unknown::{UnknownFraming, UnknownReason};

/// Which of a number's bytes comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ByteOrder {
    /// The lowest byte: `<`.
    Little,
    /// The highest byte: `>`, and `!` for network order.
    Big,
}

/// A length of 1, 2, 4 or 8 bytes in front of a message.
///
/// As text it is the letter of Python's [`struct`](https://docs.python.org/3/library/struct.html)
/// with its order in front, and `+self` behind it if it counts its own bytes too. A letter without
/// an order means this machine's, as in Python.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LengthField {
    width: u8,
    /// `Little` if there is only one byte, so that equal fields are equal.
    order: ByteOrder,
    is_signed: bool,
    /// The number of bytes that are counted and are not the message's: none, or the field's own.
    own_bytes: u8,
}

impl LengthField {
    /// `<i`: the length of this project's frames, 4 bytes, signed, little-endian.
    pub const FRAME: Self =
        Self { width: 4, order: ByteOrder::Little, is_signed: true, own_bytes: 0 };

    /// The field that this letter of `struct` stands for, in its standard size, or `None` if it
    /// stands for no whole number.
    pub fn new(letter: char, order: ByteOrder) -> Option<Self> {
        let width = match letter.to_ascii_lowercase() {
            'b' => 1,
            'h' => 2,
            'i' | 'l' => 4,
            'q' => 8,
            _ => return None,
        };
        let order = if width == 1 { ByteOrder::Little } else { order };
        let is_signed = letter.is_ascii_lowercase();
        Some(Self { width, order, is_signed, own_bytes: 0 })
    }

    /// A field like this one that counts its own bytes too.
    #[must_use]
    pub fn counting_itself(self) -> Self {
        Self { own_bytes: self.width, ..self }
    }

    /// The field's size in bytes: 1, 2, 4 or 8.
    pub fn width(self) -> usize {
        self.width.into()
    }

    /// Which byte comes first; [`ByteOrder::Little`] if there is only one.
    pub fn order(self) -> ByteOrder {
        self.order
    }

    /// Whether a negative number could stand in the field: `<i` and not `<I`.
    pub fn is_signed(self) -> bool {
        self.is_signed
    }

    /// Whether the field counts its own bytes too: `+self`.
    pub fn counts_itself(self) -> bool {
        self.own_bytes > 0
    }

    /// The field as `struct` takes it, which knows nothing of `+self`: `<i`.
    #[must_use]
    pub fn struct_format(self) -> String {
        Self { own_bytes: 0, ..self }.to_string()
    }

    /// The longest message that the field can announce, in bytes.
    pub fn longest(self) -> u64 {
        let bits = u32::from(self.width) * 8 - u32::from(self.is_signed);
        (u64::MAX >> (64 - bits)) - u64::from(self.own_bytes)
    }

    /// Appends the length of a message of `length` bytes to `out`.
    pub(crate) fn encode(self, length: usize, out: &mut Vec<u8>) -> Result<()> {
        let most = self.longest();
        let number = match u64::try_from(length) {
            Ok(number) if number <= most => number + u64::from(self.own_bytes),
            _ if self == Self::FRAME => return Err(Error::TooLong { length }),
            _ => return Err(Error::TooLongForLength { length, most }),
        };
        match self.order {
            ByteOrder::Little => out.extend(number.to_le_bytes().iter().take(self.width())),
            ByteOrder::Big => out.extend(number.to_be_bytes().iter().skip(8 - self.width())),
        }
        Ok(())
    }

    /// The longest message that is taken, if the reader's limit is this.
    pub(crate) fn longest_within(self, limit: usize) -> usize {
        usize::try_from(self.longest()).unwrap_or(usize::MAX).min(limit)
    }

    /// The length of the message that these bytes announce, if it is no longer than `longest`, which is
    /// [`longest_within`](Self::longest_within) a limit. There are as many of them as the field is
    /// wide.
    #[inline]
    pub(crate) fn length(self, bytes: &[u8], longest: usize) -> Option<usize> {
        self.length_of(self.number(bytes), longest)
    }

    /// `length`, of what the bytes say as if they had no sign.
    #[inline]
    pub(crate) fn length_of(self, number: u64, longest: usize) -> Option<usize> {
        // Without its sign a negative number is larger than all that are not, and so is one that is
        // smaller than what is taken from it. So one comparison finds all that is bad.
        let length = number.wrapping_sub(u64::from(self.own_bytes));
        (length <= longest as u64).then_some(length as usize)
    }

    /// The length of the message that the bytes at the offset `at` announce, or what is wrong with
    /// them.
    pub(crate) fn decode(self, bytes: &[u8], limit: usize, at: u64) -> Result<usize> {
        let longest = self.longest_within(limit);
        self.length(bytes, longest).ok_or_else(|| self.refuse(bytes, limit, at))
    }

    /// What the bytes say, as if they had no sign.
    #[inline]
    fn number(self, bytes: &[u8]) -> u64 {
        fn chunk<const N: usize>(bytes: &[u8]) -> [u8; N] {
            bytes.first_chunk().copied().unwrap_or([0; N])
        }
        match (self.width, self.order) {
            (4, ByteOrder::Little) => u32::from_le_bytes(chunk(bytes)).into(),
            (4, ByteOrder::Big) => u32::from_be_bytes(chunk(bytes)).into(),
            (2, ByteOrder::Little) => u16::from_le_bytes(chunk(bytes)).into(),
            (2, ByteOrder::Big) => u16::from_be_bytes(chunk(bytes)).into(),
            (8, ByteOrder::Little) => u64::from_le_bytes(chunk(bytes)),
            (8, ByteOrder::Big) => u64::from_be_bytes(chunk(bytes)),
            _ => u8::from_le_bytes(chunk(bytes)).into(),
        }
    }

    fn is_negative(self, number: u64) -> bool {
        self.is_signed && number >> (self.width * 8 - 1) != 0
    }

    #[cold]
    fn refuse(self, bytes: &[u8], limit: usize, at: u64) -> Error {
        let (number, limit) = (self.number(bytes), limit as u64);
        let is_negative = self.is_negative(number);
        if self == Self::FRAME {
            let length = number as u32 as i32;
            return match is_negative {
                true => Error::NegativeLength { length, at },
                false => Error::TooLarge { length: number, limit, at },
            };
        }
        let (length, fault) = match is_negative {
            true => (i128::from(number) - (1 << (self.width * 8)), LengthFault::Negative),
            false if number < u64::from(self.own_bytes) => {
                (number.into(), LengthFault::BelowItself { least: u64::from(self.own_bytes) })
            }
            false => (number.into(), LengthFault::AboveLimit { limit }),
        };
        Error::BadLength { length, bytes: bytes.into(), at, fault }
    }
}

impl FromStr for LengthField {
    type Err = UnknownFraming;

    fn from_str(text: &str) -> Result<Self, UnknownFraming> {
        let (format, counts_itself) = match text.strip_suffix("+self") {
            Some(format) => (format, true),
            None => (text, false),
        };
        let native = if cfg!(target_endian = "big") { ByteOrder::Big } else { ByteOrder::Little };
        let mut letters = format.chars();
        let (order, letter) = match (letters.next(), letters.next(), letters.next()) {
            (Some('l' | 'L'), None, None) => return Err(UnknownReason::NativeLong.of(text)),
            (Some(letter), None, None) => (native, letter),
            (Some('<'), Some(letter), None) => (ByteOrder::Little, letter),
            (Some('>' | '!'), Some(letter), None) => (ByteOrder::Big, letter),
            (Some('='), Some(letter), None) => (native, letter),
            _ => return Err(UnknownReason::Word.of(text)),
        };
        let field = Self::new(letter, order).ok_or_else(|| UnknownReason::Word.of(text))?;
        Ok(if counts_itself { field.counting_itself() } else { field })
    }
}

impl fmt::Display for LengthField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let letter = match self.width {
            1 => 'B',
            2 => 'H',
            4 => 'I',
            _ => 'Q',
        };
        let letter = if self.is_signed { letter.to_ascii_lowercase() } else { letter };
        match self.order {
            _ if self.width == 1 => {}
            ByteOrder::Little => f.write_str("<")?,
            ByteOrder::Big => f.write_str(">")?,
        }
        write!(f, "{letter}{}", if self.counts_itself() { "+self" } else { "" })
    }
}
