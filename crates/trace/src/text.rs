//! Bytes as a person can read them, safe to print on a terminal whatever a peer has sent.

use std::fmt::Write;

use serde::Serializer;

/// The most bytes that [`quote`] shows.
const MAX_QUOTED: usize = 60;

/// The bytes in double quotes, as text with everything invisible escaped, cut after 60 bytes.
///
/// ```
/// assert_eq!(trace::text::quote(b"hi\n\x1b"), r#""hi\n\x1b""#);
/// assert_eq!(trace::text::quote(b"\x05\0\0\0hello"), r#""\x05\x00\x00\x00hello""#);
/// ```
pub fn quote(bytes: &[u8]) -> String {
    let shown = &bytes[..bytes.len().min(MAX_QUOTED)];
    // A cut inside a character would show a wrong byte where there is none.
    let shown = match std::str::from_utf8(shown) {
        Err(error) if error.error_len().is_none() && bytes.len() > MAX_QUOTED => {
            &shown[..error.valid_up_to()]
        }
        _ => shown,
    };
    let more = if shown.len() < bytes.len() { "…" } else { "" };
    format!("\"{}\"{more}", escape(shown))
}

/// The bytes as text: what is printable as it is, the rest escaped, bytes that are no UTF-8 as `\xNN`.
pub fn escape(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            match character {
                '\0'..='\x08' | '\x0b' | '\x0c' | '\x0e'..='\x1f' | '\x7f' => {
                    _ = write!(out, "\\x{:02x}", u32::from(character));
                }
                // Double quotes stand around the text, so these need no escape.
                '\'' => out.push('\''),
                _ => out.extend(character.escape_debug()),
            }
        }
        for byte in chunk.invalid() {
            _ = write!(out, "\\x{byte:02x}");
        }
    }
    out
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
