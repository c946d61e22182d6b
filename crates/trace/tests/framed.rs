//! Messages of any framing are found in a stream wherever it is cut.
#![expect(clippy::unwrap_used, reason = "a test fails with the line that unwraps")]

use trace::framed::Framed;

/// What is found in a stream that comes in pieces of this size, and how it ends.
fn found(framing: &str, stream: &[u8], size: usize) -> (Vec<String>, String) {
    let mut messages = Framed::new(&framing.parse().unwrap(), 100_000);
    let mut all = Vec::new();
    for piece in stream.chunks(size) {
        messages.push(piece, &mut |found| all.push(found.to_string()));
    }
    let end = messages.finish(&mut |found| all.push(found.to_string()));
    (all, end.err().map(|error| error.to_string()).unwrap_or_default())
}

#[track_caller]
fn assert_found(framing: &str, stream: &[u8], expected: &[&str], end: &str) {
    for size in [1, 2, 3, 5, 7, 64, 65, 1000, stream.len()] {
        let (all, ending) = found(framing, stream, size);
        assert_eq!(all, expected, "{framing} in pieces of {size}");
        assert_eq!(ending, end, "{framing} in pieces of {size}");
    }
}

#[test]
fn each_message_is_shown_with_its_length() {
    let hello = ["frame of 5 bytes \"hello\"", "frame of 0 bytes \"\"", "frame of 2 bytes \"hi\""];
    assert_found(">I", b"\0\0\0\x05hello\0\0\0\0\0\0\0\x02hi", &hello, "");
    assert_found("B+self", b"\x06hello\x01\x03hi", &hello, "");
    assert_found("digits:4", b"5   hello0   2   hi", &hello, "");
    assert_found("line", b"hello\r\n\r\nhi\n", &hello, "");
    assert_found("end", b"hello", &hello[..1], "");
}

#[test]
fn of_a_long_message_the_start_is_shown_and_its_whole_length() {
    let shown = format!("frame of 1000 bytes \"{}\"…", "a".repeat(60));
    let long = "a".repeat(1000);
    assert_found(">H", &[b"\x03\xe8", long.as_bytes()].concat(), &[&shown], "");
    assert_found("line", format!("{long}\n").as_bytes(), &[&shown], "");
    assert_found("end", long.as_bytes(), &[&shown], "");
}

#[test]
fn a_json_header_is_shown_before_what_it_announces() {
    let header = "frame of 11 bytes, a JSON header: {\"n\": 1000}";
    let body = format!("body of 1000 bytes \"{}\"…", "a".repeat(60));
    let stream = [b"\0\x0b{\"n\": 1000}".as_slice(), &[b'a'; 1000]].concat();
    assert_found("json:>H:n", &stream, &[header, &body], "");
}

#[test]
fn a_stream_of_something_else_says_once_where_it_stops_being_messages() {
    let words = "no frames any more: length 1751477356 at byte 5 is above the limit of 100000 bytes; \
                 as text it is \"hell\"";
    assert_found(">I", b"\0\0\0\x01!hello, world", &["frame of 1 bytes \"!\"", words], "");
    let words =
        "no frames any more: the message at byte 0 does not end within the limit of 65536 bytes";
    assert_found("line", &[b'a'; 70_000], &[words], "");
}

#[test]
fn a_stream_that_ends_inside_a_message_says_how_much_is_missing() {
    let end = "the stream ended at byte 7, with 3 of the 5 bytes announced";
    assert_found(">I", b"\0\0\0\x05hel", &[], end);
    let end = "the stream ended at byte 3, with 3 bytes and no end mark behind them";
    assert_found("line", b"hel", &[], end);
}
