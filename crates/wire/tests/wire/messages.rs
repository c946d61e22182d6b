//! Messages: a JSON header in a frame, then as many bytes as it says.

use std::io::{self, Read};

use serde::{Deserialize, Serialize};
use wire::{DEFAULT_LIMIT, Error, Header};

use crate::peers::{Calls, Pieces};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Answer {
    filename: String,
    total_size: u64,
}

impl Header for Answer {
    const SIZE_FIELD: &'static str = "total_size";

    fn body_length(&self) -> u64 {
        self.total_size
    }
}

fn answer(total_size: u64) -> Answer {
    Answer { filename: "a.txt".to_owned(), total_size }
}

const TWO_MESSAGES: &[u8] =
    b"\x23\0\0\0{\"filename\":\"a.txt\",\"total_size\":3}hi\n\x23\0\0\0{\"filename\":\"a.txt\",\"total_size\":0}";

#[test]
fn a_message_is_written_in_one_call_and_flushed() {
    let mut writer = Calls::new(usize::MAX);
    wire::write_message(&mut writer, &answer(3), b"hi\n").unwrap();
    assert_eq!((writer.writes, writer.flushes), (1, 1));
    wire::write_message(&mut writer, &answer(0), b"").unwrap();
    assert_eq!((writer.writes, writer.flushes), (2, 2));
    assert_eq!(writer.bytes.escape_ascii().to_string(), TWO_MESSAGES.escape_ascii().to_string());
}

#[test]
fn a_header_alone_is_what_a_message_begins_with() {
    assert_eq!(wire::encode_header(&answer(3)).unwrap(), TWO_MESSAGES[..39]);
}

#[test]
fn messages_are_read_to_their_last_byte_and_no_further_however_the_stream_is_cut() {
    for size in 1..=TWO_MESSAGES.len() {
        let mut reader = Pieces::new(TWO_MESSAGES, &[size]);
        for (body, end) in [("hi\n", 42), ("", 81)] {
            let header: Answer = wire::read_header(&mut reader, 100).unwrap().unwrap();
            assert_eq!(header, answer(body.len() as u64), "pieces of {size}");
            assert_eq!(reader.given, end - body.len(), "pieces of {size}");
            let read = wire::read_body(&mut reader, header.body_length(), 100).unwrap();
            assert_eq!((read.as_slice(), reader.given), (body.as_bytes(), end));
        }
        assert!(wire::read_header::<Answer>(&mut reader, 100).unwrap().is_none());
    }
}

#[test]
fn a_long_body_arrives_as_it_was_sent() {
    let body: Vec<u8> = (0..1_000_000_u32).map(|number| (number % 251) as u8).collect();
    for size in [1448, 65_536, 100_000] {
        let mut reader = Pieces::new(&body, &[size]);
        let read = wire::read_body(&mut reader, 1_000_000, DEFAULT_LIMIT).unwrap();
        assert!(read == body, "not what was sent, in pieces of {size}");
    }
}

#[test]
fn a_header_that_lies_about_the_body_is_not_written() {
    let mut writer = Calls::new(usize::MAX);
    let error = wire::write_message(&mut writer, &answer(4), b"hi\n").unwrap_err();
    assert_eq!(error.to_string(), "the header announces a body of 4 bytes, but the body has 3",);
    assert_eq!(writer.writes, 0);
}

#[test]
fn a_header_that_cannot_be_json_is_not_written() {
    #[derive(Serialize, Deserialize)]
    struct Odd(std::collections::BTreeMap<Vec<u8>, u8>);

    impl Header for Odd {
        const SIZE_FIELD: &'static str = "size";

        fn body_length(&self) -> u64 {
            0
        }
    }

    let odd = Odd([(vec![1], 1)].into());
    let mut writer = Calls::new(usize::MAX);
    let error = wire::write_message(&mut writer, &odd, b"").unwrap_err();
    assert!(matches!(error, Error::Unserializable(_)), "{error:?}");
    assert_eq!(writer.writes, 0);
}

#[test]
fn a_body_above_the_limit_is_refused_before_any_of_it_is_read() {
    let mut reader = Pieces::new(b"abc", &[3]);
    assert_eq!(wire::read_body(&mut reader, 2, 2).unwrap(), b"ab");
    for length in [3, u64::MAX] {
        let error = wire::read_body(&mut reader, length, 2).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("the header announces a body of {length} bytes, above the limit of 2 bytes"),
        );
        assert_eq!(error.length_as_text(), None);
    }
    assert_eq!(reader.given, 2);
}

#[test]
fn a_stream_that_ends_early_says_where() {
    let read = |end: usize| -> wire::Result<Vec<u8>> {
        let mut reader = Pieces::new(&TWO_MESSAGES[..end], &[5]);
        let header: Answer = wire::read_header(&mut reader, 100)?.unwrap();
        wire::read_body(&mut reader, header.body_length(), 100)
    };
    for (end, error) in [
        (3, "the stream ended at byte 3, with 3 of the 4 bytes of a length"),
        (4, "the stream ended at byte 4, with 0 of the 35 bytes announced"),
        (38, "the stream ended at byte 38, with 34 of the 35 bytes announced"),
        // Here the offset counts from the body's first byte, where `read_body` began.
        (41, "the stream ended at byte 2, with 2 of the 3 bytes announced"),
    ] {
        assert_eq!(read(end).unwrap_err().to_string(), error);
    }
    assert_eq!(read(42).unwrap(), b"hi\n");
}

#[test]
fn a_header_above_the_limit_is_refused() {
    let error = wire::read_header::<Answer>(&mut &*TWO_MESSAGES, 34).unwrap_err();
    assert!(matches!(error, Error::TooLarge { length: 35, limit: 34, at: 0 }), "{error:?}");
}

#[test]
fn a_header_with_spaces_or_more_fields_is_read() {
    let json = r#" {"total_size": 3, "hash": "x", "filename": "\u6c49"} "#;
    let header: Answer = wire::parse_header(json.as_bytes()).unwrap();
    assert_eq!(header, Answer { filename: "汉".to_owned(), total_size: 3 });
}

#[test]
fn a_header_without_a_length_in_its_size_field_says_so() {
    for json in [
        r#"{}"#,
        r#"{"filename": "a.txt"}"#,
        r#"{"filename": "a.txt", "total_size": "3"}"#,
        r#"{"filename": "a.txt", "total_size": -3}"#,
        r#"{"filename": "a.txt", "total_size": 3.0}"#,
        r#"{"filename": "a.txt", "total_size": 18446744073709551616}"#,
        r#"{"filename": "a.txt", "total_size": null}"#,
        r#"{"filename": 3}"#,
        r#"["a.txt", 3]"#,
        r#"3"#,
        r#"null"#,
    ] {
        let error = wire::parse_header::<Answer>(json.as_bytes()).unwrap_err();
        let expected = "the JSON header at byte 0 has no length in its field \"total_size\"";
        assert_eq!(error.to_string(), expected, "{json}");
    }
    let error = wire::read_header::<Answer>(&mut b"\x02\0\0\0{}".as_slice(), 100).unwrap_err();
    assert!(
        matches!(&error, Error::MissingField { field, at: 4 } if field == "total_size"),
        "{error:?}"
    );
}

#[test]
fn a_header_that_is_not_json_shows_how_it_begins() {
    for (json, text, cause) in [
        ("", "", "EOF while parsing a value at line 1 column 0"),
        ("GET / HTTP/1.1\r\n", "GET / HTTP/1.1\\r\\n", "expected value at line 1 column 1"),
        ("it's 汉\u{1b}[2J\"", "it's 汉\\u{1b}[2J\\\"", "expected value at line 1 column 1"),
        (
            r#"{"total_size": 3"#,
            r#"{\"total_size\": 3"#,
            "EOF while parsing an object at line 1 column 16",
        ),
        (
            r#"{"total_size": 3}"#,
            r#"{\"total_size\": 3}"#,
            "missing field `filename` at line 1 column 17",
        ),
    ] {
        let error = wire::parse_header::<Answer>(json.as_bytes()).unwrap_err();
        let expected = format!("no valid JSON header at byte 0; it begins \"{text}\"");
        assert_eq!(error.to_string(), expected);
        let source = std::error::Error::source(&error).map(ToString::to_string);
        assert_eq!(source.as_deref(), Some(cause));
    }
    let error = wire::read_header::<Answer>(&mut b"\x01\0\0\0\xff".as_slice(), 100).unwrap_err();
    assert!(
        matches!(&error, Error::NotJson { at: 4, text, .. } if text == "\u{fffd}"),
        "{error:?}"
    );
}

#[test]
fn what_is_shown_of_a_header_has_at_most_60_characters() {
    for (json, shown) in [
        ("x".repeat(1000), "x".repeat(60)),
        ("汉".repeat(1000), "汉".repeat(60)),
        ("😀".repeat(1000), "😀".repeat(60)),
        ("\n".repeat(1000), "\\n".repeat(30)),
        ("x".to_owned() + &"\n".repeat(1000), "x".to_owned() + &"\\n".repeat(29)),
    ] {
        let error = wire::parse_header::<Answer>(json.as_bytes()).unwrap_err();
        assert!(matches!(&error, Error::NotJson { text, .. } if *text == shown), "{error}");
    }
}

#[test]
fn a_wrong_digest_is_shown_without_what_a_peer_may_have_put_into_it() {
    let announced = "\u{1b}[2J".to_owned() + &"x".repeat(1000);
    let error = Error::WrongDigest { announced, actual: wire::md5_hex(b"") };
    let shown = "\\u{1b}[2J".to_owned() + &"x".repeat(51);
    assert_eq!(
        error.to_string(),
        format!(
            "the digest of what came is d41d8cd98f00b204e9800998ecf8427e, \
             and {shown} was announced"
        ),
    );
}

/// Gives `left` zeros and then the end, and remembers the most room it was offered.
struct Zeros {
    left: usize,
    most_asked: usize,
}

impl Read for Zeros {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        self.most_asked = self.most_asked.max(room.len());
        let count = self.left.min(room.len());
        self.left -= count;
        Ok(count)
    }
}

#[test]
fn reading_a_body_takes_memory_only_as_the_body_arrives() {
    const READ_SIZE: usize = 64 << 10;
    for arriving in [0, 1, READ_SIZE - 1, READ_SIZE, READ_SIZE + 1, 10 * READ_SIZE] {
        let mut reader = Zeros { left: arriving, most_asked: 0 };
        let error = wire::read_body(&mut reader, i32::MAX as u64, usize::MAX).unwrap_err();
        assert!(matches!(error, Error::EndInBody { got, .. } if got == arriving as u64));
        let asked = reader.most_asked;
        let most = arriving.max(READ_SIZE);
        assert!(asked <= most, "{asked} bytes of room when {arriving} had arrived");
    }
}
