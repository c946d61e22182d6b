//! Text in the encodings that peers use, whole or as it arrives.
//!
//! ```text
//!          汉         字
//! utf-8    e6 b1 89   e5 ad 97
//! gbk      ba ba      d7 d6
//! ```
//!
//! A read may end inside a character. Decoding each read by itself then breaks it in two;
//! [`TextDecoder`] keeps the first half until the rest comes.

use std::fmt;
use std::str::FromStr;

use encoding_rs::{EncoderResult, UTF_8};

/// Room in the output beyond the input's own length, in bytes, so that each round of coding gets at
/// least a character further.
const OUTPUT_MARGIN: usize = 32;

/// A text encoding, named as the [WHATWG Encoding Standard](https://encoding.spec.whatwg.org/)
/// names it: `utf-8` (the default), `gbk`, `gb18030`, `big5`, `shift_jis`, `euc-kr`,
/// `windows-1252` and so on, with their other names and in upper or lower case.
///
/// ```
/// let gbk: wire::Encoding = "GBK".parse()?;
/// assert_eq!(gbk.encode("汉字"), [0xba, 0xba, 0xd7, 0xd6]);
/// assert_eq!(gbk.decode(&[0xba, 0xba, 0xd7, 0xd6]), "汉字");
/// # Ok::<(), wire::UnknownEncoding>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Encoding(&'static encoding_rs::Encoding);

impl Encoding {
    /// The text of a whole message. Bytes that are wrong in this encoding become U+FFFD (�). A
    /// byte order mark is kept, as U+FEFF.
    pub fn decode(&self, bytes: &[u8]) -> String {
        let mut decoder = TextDecoder::new(*self);
        let mut text = decoder.push(bytes);
        text.push_str(&decoder.finish());
        text
    }

    /// The bytes of `text`. Each character that the encoding lacks becomes a question mark.
    pub fn encode(&self, text: &str) -> Vec<u8> {
        let mut encoder = self.0.new_encoder();
        let mut bytes = Vec::new();
        let mut rest = text;
        loop {
            bytes.reserve(rest.len() + OUTPUT_MARGIN);
            let (result, taken) =
                encoder.encode_from_utf8_to_vec_without_replacement(rest, &mut bytes, true);
            rest = rest.get(taken..).unwrap_or_default();
            match result {
                EncoderResult::InputEmpty => return bytes,
                EncoderResult::OutputFull => {}
                EncoderResult::Unmappable(_) => bytes.push(b'?'),
            }
        }
    }
}

impl Default for Encoding {
    fn default() -> Self {
        Self(UTF_8)
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.name().to_ascii_lowercase())
    }
}

impl FromStr for Encoding {
    type Err = UnknownEncoding;

    /// # Errors
    /// [`UnknownEncoding`] for a name that the standard does not have, and for the encodings that
    /// it allows to be read but not to be written: UTF-16 and the withdrawn ones.
    fn from_str(label: &str) -> Result<Self, UnknownEncoding> {
        encoding_rs::Encoding::for_label(label.as_bytes())
            .filter(|encoding| encoding.output_encoding() == *encoding)
            .map(Self)
            .ok_or_else(|| UnknownEncoding { label: label.to_owned() })
    }
}

/// A name that is not the name of an encoding in which text can be both read and written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no text encoding {label:?} here: try utf-8, gbk, gb18030, big5 or shift_jis")]
pub struct UnknownEncoding {
    label: String,
}

/// Decodes text that arrives in pieces, wherever these are cut.
///
/// ```
/// let mut decoder = wire::TextDecoder::new("gbk".parse()?);
/// assert_eq!(decoder.push(&[0xba, 0xba, 0xd7]), "汉");
/// assert_eq!(decoder.push(&[0xd6]), "字");
/// assert_eq!(decoder.finish(), "");
/// # Ok::<(), wire::UnknownEncoding>(())
/// ```
pub struct TextDecoder {
    encoding: Encoding,
    decoder: encoding_rs::Decoder,
}

impl TextDecoder {
    /// A decoder at the beginning of a text.
    pub fn new(encoding: Encoding) -> Self {
        Self { encoding, decoder: encoding.0.new_decoder_without_bom_handling() }
    }

    /// The text of this piece: all characters that are complete by its end. Bytes that are wrong
    /// in this encoding become U+FFFD (�).
    pub fn push(&mut self, bytes: &[u8]) -> String {
        self.decode(bytes, false)
    }

    /// Ends the text: what was left of a cut character becomes U+FFFD (�). The decoder is then at
    /// the beginning of another text.
    pub fn finish(&mut self) -> String {
        let text = self.decode(&[], true);
        *self = Self::new(self.encoding);
        text
    }

    fn decode(&mut self, bytes: &[u8], last: bool) -> String {
        let mut text = String::new();
        let mut rest = bytes;
        loop {
            text.reserve(rest.len() + OUTPUT_MARGIN);
            let (result, taken, _) = self.decoder.decode_to_string(rest, &mut text, last);
            rest = rest.get(taken..).unwrap_or_default();
            if result == encoding_rs::CoderResult::InputEmpty {
                return text;
            }
        }
    }
}

impl fmt::Debug for TextDecoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TextDecoder").field("encoding", &self.encoding).finish_non_exhaustive()
    }
}
