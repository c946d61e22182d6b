//! Bytes in hexadecimal: each in its place, and none that a terminal would obey.

use trace::hex::{MAX_SHOWN, dump};

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
    for piece in all.chunks(MAX_SHOWN) {
        for line in lines(0, piece) {
            let plain = |c: char| c.is_ascii_graphic() || c == ' ';
            assert!(line.chars().all(plain), "{line:?}");
        }
    }
}
