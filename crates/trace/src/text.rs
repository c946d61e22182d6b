//! Bytes as a person can read them, safe to print on a terminal whatever a peer has sent.

use std::fmt::{self, Display, Write};

use serde::Serializer;

/// The most bytes that [`Quoted`] shows.
const MAX_QUOTED: usize = 60;

/// Bytes that are shown in double quotes, as text with everything invisible escaped, cut after 60 bytes.
///
/// ```
/// use trace::text::Quoted;
///
/// assert_eq!(Quoted(b"hi\n\x1b").to_string(), r#""hi\n\x1b""#);
/// assert_eq!(Quoted(b"\x05\0\0\0hello").to_string(), r#""\x05\x00\x00\x00hello""#);
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Quoted<'a>(pub &'a [u8]);

impl Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Quoted(bytes) = *self;
        let shown = &bytes[..bytes.len().min(MAX_QUOTED)];
        // A cut inside a character would show a wrong byte where there is none.
        let shown = match std::str::from_utf8(shown) {
            Err(error) if error.error_len().is_none() && bytes.len() > MAX_QUOTED => {
                &shown[..error.valid_up_to()]
            }
            _ => shown,
        };
        f.write_str("\"")?;
        write_escaped(f, shown)?;
        f.write_str(if shown.len() < bytes.len() { "\"…" } else { "\"" })
    }
}

/// The bytes as [`Quoted`] shows them.
pub fn quote(bytes: &[u8]) -> String {
    Quoted(bytes).to_string()
}

/// The bytes as text: what is printable as it is, the rest escaped, bytes that are no UTF-8 as `\xNN`.
pub fn escape(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    // A String takes whatever is written to it.
    _ = write_escaped(&mut out, bytes);
    out
}

fn write_escaped(out: &mut impl Write, bytes: &[u8]) -> fmt::Result {
    // A server quotes each message that it logs, and most are text: then there is one chunk.
    if let Ok(text) = std::str::from_utf8(bytes) {
        return write_escaped_text(out, text);
    }
    for chunk in bytes.utf8_chunks() {
        write_escaped_text(out, chunk.valid())?;
        for byte in chunk.invalid() {
            write!(out, "\\x{byte:02x}")?;
        }
    }
    Ok(())
}

fn write_escaped_text(out: &mut impl Write, mut text: &str) -> fmt::Result {
    loop {
        let plain = text.bytes().position(|byte| !is_plain(byte)).unwrap_or(text.len());
        let (shown, rest) = text.split_at(plain);
        out.write_str(shown)?;
        let mut characters = rest.chars();
        match characters.next() {
            None => return Ok(()),
            Some(c @ ('\0'..='\x08' | '\x0b' | '\x0c' | '\x0e'..='\x1f' | '\x7f')) => {
                write!(out, "\\x{:02x}", u32::from(c))?;
            }
            Some(c) => write!(out, "{}", c.escape_debug())?,
        }
        text = characters.as_str();
    }
}

/// Whether a byte is a character that is shown as it is. Double quotes stand around the text, so single ones
/// need no escape.
fn is_plain(byte: u8) -> bool {
    matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\'
}

/// A name or a sentence in which nothing begins a line, moves the cursor or turns round the direction
/// of writing (UAX #9). All the rest is left as it is, quotes and backslashes too.
///
/// ```
/// use trace::text::escape_controls;
///
/// assert_eq!(escape_controls("汉字 a.txt"), "汉字 a.txt");
/// assert_eq!(escape_controls("\u{1b}[2J\n\u{202e}"), r"\u{1b}[2J\n\u{202e}");
/// ```
pub fn escape_controls(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                shown.extend(character.escape_unicode());
            }
            c if c.is_control() => shown.extend(c.escape_debug()),
            c => shown.push(c),
        }
    }
    shown
}

/// The bytes as hexadecimal pairs with a space between: `05 00 00 00`.
pub fn hex(bytes: &[u8]) -> String {
    let pairs: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    pairs.join(" ")
}

/// For serde's `serialize_with`: JSON has no bytes, and a hexadecimal string loses nothing.
pub(crate) fn as_hex<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&hex(bytes))
}
