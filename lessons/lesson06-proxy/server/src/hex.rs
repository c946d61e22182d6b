//! `--hex`: bytes as `hexdump -C` shows them, on the left each byte as two digits, on the right as
//! the letter that it is in ASCII, if it is any.

use std::fmt::Write;

/// How many bytes of a piece are shown; the tutorial shows as many.
pub const SHOWN: usize = 100;

const IN_A_LINE: usize = 16;

/// The first [`SHOWN`] bytes of a piece, in lines of 16, and how many more there are. `offset` is how
/// many bytes of the stream came before.
///
/// ```
/// let dump = lesson06_server::hex::dump(32, b"\x05\0\0\0hello");
/// let line = "00000020  05 00 00 00 68 65 6c 6c  6f                       |....hello|";
/// assert_eq!(dump, format!("\n    {line}"));
/// ```
pub fn dump(offset: u64, piece: &[u8]) -> String {
    let shown = piece.get(..SHOWN).unwrap_or(piece);
    let mut out = String::new();
    for (number, line) in (0..).zip(shown.chunks(IN_A_LINE)) {
        let at = offset.wrapping_add(number * IN_A_LINE as u64);
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
    let halves = line.chunks(IN_A_LINE / 2).map(trace::text::hex);
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

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(offset: u64, piece: &[u8]) -> Vec<String> {
        dump(offset, piece).lines().skip(1).map(str::to_owned).collect()
    }

    #[test]
    fn sixteen_bytes_are_a_line_and_the_columns_stay_where_they_are() {
        let expected = [
            "    000003e8  61 62 63 64 65 66 67 68  69 6a 6b 6c 6d 6e 6f 70  |abcdefghijklmnop|",
            "    000003f8  71                                                |q|",
        ];
        assert_eq!(lines(1000, b"abcdefghijklmnopq"), expected);
        assert_eq!(lines(0, b""), [""; 0]);
    }

    #[test]
    fn what_is_not_shown_is_counted() {
        let hundred = lines(0, &[0; 100]);
        assert_eq!(hundred.len(), 7, "{hundred:#?}");
        assert_eq!(lines(0, &[0; 500]).last().unwrap(), "    … 400 more");
    }

    #[test]
    fn no_byte_can_move_the_cursor() {
        let all: Vec<u8> = (0..=255).collect();
        for piece in all.chunks(SHOWN) {
            for line in lines(0, piece) {
                let plain = |c: char| c.is_ascii_graphic() || c == ' ';
                assert!(line.chars().all(plain), "{line:?}");
            }
        }
    }
}
