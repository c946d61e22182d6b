//! Bytes as `hexdump -C` shows them: on the left each byte as two digits, on the right as the
//! letter that it is in ASCII, if it is any.

use std::fmt::Write;

use crate::text::hex;

/// How many bytes of a piece are shown.
pub const MAX_SHOWN: usize = 100;

const BYTES_PER_LINE: usize = 16;

/// The first [`MAX_SHOWN`] bytes of a piece, in lines of 16, each line after a line end; and how
/// many more there are. `offset` is how many bytes of the stream came before.
///
/// ```
/// let dump = trace::hex::dump(32, b"\x05\0\0\0hello");
/// let line = "00000020  05 00 00 00 68 65 6c 6c  6f                       |....hello|";
/// assert_eq!(dump, format!("\n    {line}"));
/// ```
pub fn dump(offset: u64, piece: &[u8]) -> String {
    let shown = piece.get(..MAX_SHOWN).unwrap_or(piece);
    let mut out = String::new();
    for (number, line) in (0..).zip(shown.chunks(BYTES_PER_LINE)) {
        let at = offset.wrapping_add(number * BYTES_PER_LINE as u64);
        // A String takes whatever is written to it.
        _ = write!(out, "\n    {at:08x}  {:<48}  |{}|", digits(line), letters(line));
    }
    match piece.len() - shown.len() {
        0 => {}
        more => _ = write!(out, "\n    … {more} more"),
    }
    out
}

fn digits(line: &[u8]) -> String {
    let halves = line.chunks(BYTES_PER_LINE / 2).map(hex);
    halves.collect::<Vec<_>>().join("  ")
}

/// A byte that is no printable ASCII is a dot: a peer must not be able to move the cursor.
fn letters(line: &[u8]) -> String {
    let letter = |&byte: &u8| match byte {
        b' '..=b'~' => char::from(byte),
        _ => '.',
    };
    line.iter().map(letter).collect()
}
