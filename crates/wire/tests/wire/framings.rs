//! Framings: whatever says where a message ends, the same stream, cut in every way, gives the same
//! messages by every way of reading.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use wire::{ByteOrder, DEFAULT_LIMIT, Decoder, Digits, Error, Framing, LengthField, Mark, Padding};

use crate::peers::Calls;
use crate::ways::{Outcome, check, with_decoder, without_taken};

pub(crate) fn framing(text: &str) -> Framing {
    text.parse().unwrap()
}

/// One of each kind, and what a message of `hello` is with it.
const HELLO: [(&str, &[u8]); 24] = [
    ("<i", b"\x05\0\0\0hello"),
    (">i", b"\0\0\0\x05hello"),
    ("<I", b"\x05\0\0\0hello"),
    (">I", b"\0\0\0\x05hello"),
    ("<h", b"\x05\0hello"),
    (">H", b"\0\x05hello"),
    ("<q", b"\x05\0\0\0\0\0\0\0hello"),
    (">Q", b"\0\0\0\0\0\0\0\x05hello"),
    ("b", b"\x05hello"),
    ("B", b"\x05hello"),
    (">I+self", b"\0\0\0\x09hello"),
    ("<H+self", b"\x07\0hello"),
    ("B+self", b"\x06hello"),
    ("digits:10", b"5         hello"),
    ("digits:>10", b"         5hello"),
    ("digits:04", b"0005hello"),
    ("digits:\\n", b"5\nhello"),
    ("digits:\\r\\n", b"5\r\nhello"),
    ("digits::", b"5:hello"),
    ("line", b"hello\n"),
    ("until:0d0a0d0a", b"hello\r\n\r\n"),
    ("until:00", b"hello\0"),
    ("json:>H:n", b"\0\x07{\"n\":5}hello"),
    ("json:<i+self:total_size", b"\x14\0\0\0{\"total_size\":5}hello"),
];

/// Encodes those of the messages that can be sent like that, and leaves only them.
fn stream_of(framing: &Framing, messages: &mut Vec<Vec<u8>>) -> Vec<u8> {
    let mut stream = Vec::new();
    messages.retain(|message| {
        let before = stream.clone();
        let result = framing.encode(message, &mut stream);
        assert!(result.is_ok() || stream == before, "{framing}: an error has changed `out`");
        result.is_ok()
    });
    if *framing == Framing::End {
        *messages = Some(messages.concat()).filter(|all| !all.is_empty()).into_iter().collect();
    }
    stream
}

#[test]
fn a_message_is_sent_as_its_framing_says() {
    for (text, bytes) in HELLO {
        let mut out = b"before".to_vec();
        framing(text).encode(b"hello", &mut out).unwrap();
        assert_eq!(out, [b"before", bytes].concat(), "{text}");

        let mut writer = Calls::new(usize::MAX);
        framing(text).write(&mut writer, b"hello").unwrap();
        assert_eq!(writer.bytes, bytes, "{text}");
        assert_eq!((writer.writes, writer.flushes), (1, 1), "{text}");
    }
}

#[test]
fn a_stream_cut_at_any_two_places_gives_the_same_messages() {
    for (text, _) in HELLO {
        let mut messages =
            ["hello", "", "x", "汉字", "", "\r", "\0\0\0\u{1}"].map(|m| m.into()).to_vec();
        let stream = stream_of(&framing(text), &mut messages);
        assert!(messages.len() > 4, "{text}");
        let expected = (messages, Ok(()));
        for first in 1..=stream.len() {
            for second in (1..=stream.len() - first).step_by(3).chain([1]) {
                check(&framing(text), &stream, &[first, second, stream.len()], 100, &expected);
            }
        }
    }
}

#[test]
fn a_stream_that_ends_early_says_at_which_byte_wherever_it_was_cut() {
    for (text, hello) in HELLO {
        let framing = framing(text);
        let stream = [hello, hello].concat();
        for end in 0..stream.len() {
            let whole = without_taken(&with_decoder(&framing, &stream[..end], &[end], 100));
            for size in 1..=end {
                check(&framing, &stream[..end], &[size], 100, &whole);
            }
            let (messages, result) = whole;
            assert_eq!(messages.len(), end / hello.len(), "{text}");
            if end % hello.len() == 0 {
                assert_eq!(result, Ok(()), "{text}");
            } else {
                let words = result.unwrap_err();
                let begin = format!("the stream ended at byte {end}, with ");
                assert!(words.starts_with(&begin), "{text}: {words}");
                let error = framing.read(&mut &hello[..end % hello.len()], 100).unwrap_err();
                assert!(error.is_early_end(), "{text}: {error:?}");
            }
        }
    }
}

#[test]
fn a_message_of_exactly_the_limit_is_read_and_one_byte_more_is_refused() {
    for (text, hello) in HELLO {
        let framing = framing(text);
        let stream = [hello, hello].concat();
        let messages = vec![b"hello".to_vec(); 2];
        for size in 1..=stream.len() {
            check(&framing, &stream, &[size], 5, &(messages.clone(), Ok(())));
        }
        let (messages, result) = with_decoder(&framing, &stream, &[stream.len()], 4);
        assert_eq!(messages.len(), 0, "{text}");
        assert!(result.as_ref().unwrap_err().contains("limit of 4 bytes"), "{text}: {result:?}");
        for size in 1..=stream.len() {
            assert_eq!(with_decoder(&framing, &stream, &[size], 4), (vec![], result.clone()));
        }
    }
}

#[test]
fn a_message_that_lies_whole_in_one_piece_is_lent_and_not_copied() {
    for (text, hello) in HELLO {
        let mut decoder = Decoder::new(&framing(text), 100);
        let stream = [hello, hello].concat();
        let mut input = stream.as_slice();
        for begin in [0, hello.len()] {
            let place = stream[begin..].windows(5).position(|bytes| bytes == b"hello").unwrap();
            let message = decoder.decode(&mut input).unwrap().unwrap();
            assert_eq!(message, b"hello");
            assert_eq!(message.as_ptr(), stream[begin + place..].as_ptr(), "{text}");
        }
    }
}

#[test]
fn what_is_wrong_with_a_stream_is_said_with_the_byte_at_which_it_is() {
    let cases: [(&str, &[u8], &str); 21] = [
        ("<h", b"\x01\0x\xfe\xff", "length -2 at byte 3 is negative"),
        (">q", b"\xff\xff\xff\xff\xff\xff\xff\xfe", "length -2 at byte 0 is negative"),
        ("b", b"\x80", "length -128 at byte 0 is negative"),
        ("B", b"\x80", "length 128 at byte 0 is above the limit of 100 bytes"),
        (">I", b"\0\0\0\x65", "length 101 at byte 0 is above the limit of 100 bytes"),
        (
            ">Q",
            b"HTTP/1.1",
            "length 5211883372140375601 at byte 0 is above the limit of 100 bytes; as text it is \"HTTP/1.1\"",
        ),
        (
            "<Q",
            b"\xff\xff\xff\xff\xff\xff\xff\xff",
            "length 18446744073709551615 at byte 0 is above the limit of 100 bytes",
        ),
        (
            ">I+self",
            b"\0\0\0\x03",
            "length 3 at byte 0 is smaller than its own 4 bytes, which it counts too",
        ),
        ("<i+self", b"\xff\xff\xff\xff", "length -1 at byte 0 is negative"),
        (">H+self", b"\0\x67", "length 103 at byte 0 is above the limit of 100 bytes"),
        ("digits:10", b"hello worl", "no length in digits at byte 0; there is \"hello worl\""),
        ("digits:4", b"1   x    ", "no length in digits at byte 5; there is \"    \""),
        ("digits:04", b"0101", "length 101 at byte 0 is above the limit of 100 bytes"),
        (
            "digits:30",
            b"999999999999999999999999999999",
            "length 18446744073709551615 at byte 0 is above the limit of 100 bytes",
        ),
        ("digits:\\n", b"-1\n", "no length in digits at byte 0; there is \"-1\\n\""),
        (
            "digits:\\n",
            &[b'1'; 40],
            "no length in digits at byte 0; there is \"111111111111111111111111111111111\"",
        ),
        ("line", &[b'a'; 103], "the message at byte 0 does not end within the limit of 100 bytes"),
        ("json:B:n", b"\x02[]", "no valid JSON header at byte 1; it begins \"[]\""),
        (
            "json:B:n",
            b"\x07{\"m\":5}",
            "the JSON header at byte 1 has no length in its field \"n\"",
        ),
        (
            "json:B:n",
            b"\x09{\"n\":101}",
            "the header announces a body of 101 bytes, above the limit of 100 bytes",
        ),
        ("end", &[b'a'; 101], "the message at byte 0 does not end within the limit of 100 bytes"),
    ];
    for (text, stream, words) in cases {
        let whole = without_taken(&with_decoder(&framing(text), stream, &[stream.len()], 100));
        assert_eq!(whole.1, Err(words.to_owned()), "{text}");
        for size in 1..=stream.len() {
            check(&framing(text), stream, &[size], 100, &whole);
        }
    }
}

#[test]
fn a_length_the_other_way_round_is_told_where_it_could_be_a_good_one() {
    let cases: [(&str, &[u8], Option<u64>); 11] = [
        ("<i", b"\0\0\0\x07", Some(7)),
        ("<i", b"\0\0\0\xc8", Some(200)), // Negative as it stands.
        (">I", b"\x07\0\0\0", Some(7)),
        (">i", b"\xc8\0\0\0", Some(200)),
        ("<Q", b"\0\0\0\0\0\0\x01\0", Some(256)),
        (">h", b"\xff\0", Some(255)),
        ("<I", b"\0\0\xff\xff", Some(65_535)),
        ("<I", b"\0\x01\0\xff", None), // As long as that a message seldom is.
        ("<I", b"\0\0\0\xff", Some(255)),
        ("<i", b"GET ", None),
        ("digits:4", b"9999", None),
    ];
    for (text, bytes, reversed) in cases {
        let limit = if bytes.len() == 4 { 10_000_001 } else { 256 };
        let error = framing(text).read(&mut &*bytes, limit).err();
        assert_eq!(error.and_then(|e| e.length_reversed()), reversed, "{text} {bytes:?}");
    }
}

#[test]
fn a_message_that_cannot_be_sent_like_that_is_an_error_and_nothing_is_written() {
    let refused = |text: &str, message: &[u8]| {
        let mut out = b"before".to_vec();
        let error = framing(text).encode(message, &mut out).unwrap_err();
        assert_eq!(out, b"before", "{text}");
        error.to_string()
    };
    for (text, most) in [
        ("b", 127),
        ("B", 255),
        ("B+self", 254),
        (">h", 32_767),
        ("!H+self", 65_533),
        ("digits:2", 99),
        ("digits:01", 9),
    ] {
        let length = most + 1;
        let words =
            format!("{length} bytes are too many for one message: its length holds at most {most}");
        assert_eq!(refused(text, &vec![b'x'; length]), words, "{text}");
    }
    // Here it is the header that is too long.
    let json = format!("json:b:{}", "x".repeat(122));
    let words = "128 bytes are too many for one message: its length holds at most 127";
    assert_eq!(refused(&json, b"x"), words);

    for (text, message, at) in [
        ("line", "a\nb", 1),
        ("line", "a\r", 1),
        ("until:00", "\0", 0),
        ("until:6162", "xaab", 2),
        // Together with the first byte of the mark behind it.
        ("until:6161", "xa", 1),
    ] {
        let words = format!("the message holds its own end mark at byte {at}, and would end there");
        assert_eq!(refused(text, message.as_bytes()), words, "{text}");
    }
}

#[test]
fn the_longest_messages_of_each_length_are_sent_and_taken() {
    for (text, longest) in
        [("b", 127), ("B", 255), ("B+self", 254), (">h", 32_767), ("<H", 65_535), ("digits:3", 999)]
    {
        let mut messages = vec![vec![b'x'; longest]];
        let stream = stream_of(&framing(text), &mut messages);
        assert_eq!(messages.len(), 1, "{text}");
        check(&framing(text), &stream, &[1000], DEFAULT_LIMIT, &(messages, Ok(())));
    }
}

#[test]
fn digits_are_taken_with_padding_on_either_side_and_a_line_with_or_without_a_carriage_return() {
    let cases: [(&str, &[u8]); 6] = [
        ("digits:4", b"   5hello0005hello 5  hello"),
        ("digits:04", b"5   hello   5hello0005hello"),
        ("digits:>4", b"5   hello0005hello  5 hello"),
        ("digits:\\n", b"5\nhello 5\nhello5\r\nhello"),
        ("line", b"hello\r\nhello\nhello\r\n"),
        ("json:B:n", b"\x07{\"n\":5}hello\x10 {\"x\":[], \"n\":5}hello\x0a{\"n\" : 5 }hello"),
    ];
    for (text, stream) in cases {
        let expected = (vec![b"hello".to_vec(); 3], Ok(()));
        for size in 1..=stream.len() {
            check(&framing(text), stream, &[size], 5, &expected);
        }
    }
}

#[test]
fn with_none_each_piece_is_a_message_and_with_end_the_stream_is_one() {
    let mut decoder = Decoder::new(&Framing::None, 5);
    for mut piece in [b"hello".as_slice(), b"wo"] {
        let before = piece;
        assert_eq!(decoder.decode(&mut piece).unwrap(), Some(before));
        assert_eq!(decoder.decode(&mut piece).unwrap(), None);
        assert_eq!(decoder.finish().unwrap(), None);
    }
    assert_eq!(decoder.position(), 7);
    let words = "the message at byte 7 does not end within the limit of 5 bytes";
    for _ in 0..3 {
        assert_eq!(decoder.decode(&mut b"longer".as_slice()).unwrap_err().to_string(), words);
        assert_eq!(decoder.finish().unwrap_err().to_string(), words);
    }

    let mut decoder = Decoder::new(&Framing::End, 100);
    for mut piece in [b"hello".as_slice(), b" ", b"world"] {
        assert_eq!(decoder.decode(&mut piece).unwrap(), None);
    }
    assert_eq!(decoder.finish().unwrap(), Some(b"hello world".as_slice()));
    assert_eq!(decoder.finish().unwrap(), None);
}

#[test]
fn a_json_header_is_there_after_its_message_and_may_have_other_fields() {
    let framing = framing("json:>H:size");
    let fields = serde_json::json!({ "name": "a.txt", "size": 99 });
    let mut stream = Vec::new();
    framing.encode_with(fields.as_object().unwrap(), b"hello", &mut stream).unwrap();
    assert_eq!(stream, b"\0\x19{\"name\":\"a.txt\",\"size\":5}hello");
    framing.encode(b"", &mut stream).unwrap();

    for size in 1..=stream.len() {
        let mut reader = wire::FrameReader::new(
            crate::peers::Pieces::new(&stream, &[size]),
            &framing,
            DEFAULT_LIMIT,
        );
        assert_eq!(reader.next_frame().unwrap(), Some(b"hello".as_slice()));
        assert_eq!(reader.header(), b"{\"name\":\"a.txt\",\"size\":5}");
        assert_eq!(reader.next_frame().unwrap(), Some(b"".as_slice()));
        assert_eq!(reader.header(), b"{\"size\":0}");
        assert_eq!(reader.next_frame().unwrap(), None);
    }
}

/// What has been looked at is not looked at again: a decoder that began anew with each byte would
/// have 10^11 of them to look at here.
#[test]
fn a_long_message_that_drips_in_byte_by_byte_takes_time_in_proportion() {
    let message = vec![b'\r'; 500_000];
    for text in ["line", "until:0d0d0d0d0d0d0a", "end", ">I"] {
        let framing = framing(text);
        let mut stream = Vec::new();
        match framing {
            Framing::Line => stream.extend([&message[..], b"x\n"].concat()),
            _ => framing.encode(&[&message[..], b"x"].concat(), &mut stream).unwrap(),
        }
        let mut decoder = Decoder::new(&framing, DEFAULT_LIMIT);
        let mut found = 0;
        for mut byte in stream.chunks(1) {
            found += decoder.decode(&mut byte).unwrap().map_or(0, <[u8]>::len);
        }
        found += decoder.finish().unwrap().map_or(0, <[u8]>::len);
        assert_eq!(found, 500_001, "{text}");
    }
}

#[test]
fn what_a_decoder_waits_for_is_told_when_it_was_announced() {
    let mut decoder = Decoder::new(&framing(">H"), 1000);
    assert_eq!(decoder.announced(), None);
    decoder.decode(&mut b"\x01\0hel".as_slice()).unwrap();
    assert_eq!(decoder.announced(), Some(256));
}

pub(crate) fn any_length() -> impl Strategy<Value = LengthField> {
    let orders = select(vec![ByteOrder::Little, ByteOrder::Big]);
    (select("bBhHiIlLqQ".chars().collect::<Vec<_>>()), orders, any::<bool>()).prop_map(
        |(letter, order, counts_itself)| {
            let field = LengthField::new(letter, order).unwrap();
            if counts_itself { field.counting_itself() } else { field }
        },
    )
}

pub(crate) fn any_framing() -> impl Strategy<Value = Framing> {
    let byte = prop_oneof![Just(b'a'), Just(b'b'), any::<u8>()];
    let mark = vec(byte, 1..6).prop_map(|bytes| Mark::new(bytes).unwrap()).boxed();
    let padding = select(vec![Padding::Zeros, Padding::SpacesBefore, Padding::SpacesAfter]);
    prop_oneof![
        4 => any_length().prop_map(Framing::Length),
        2 => (1..30_u8, padding).prop_map(|(width, padding)| {
            Framing::Digits(Digits::fixed(width, padding).unwrap())
        }),
        2 => mark.clone().prop_filter_map("a digit", Digits::marked).prop_map(Framing::Digits),
        1 => Just(Framing::Line),
        3 => mark.prop_map(Framing::Until),
        2 => (any_length(), "\\PC{1,8}")
            .prop_map(|(length, field)| Framing::Json { length, field }),
        1 => Just(Framing::End),
    ]
}

fn any_message() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![
        3 => Just(b'a'), 3 => Just(b'b'), 1 => Just(b'\r'), 1 => Just(b' '), 6 => any::<u8>(),
    ];
    vec(byte, 0..60)
}

fn same_at_every_cut(framing: &Framing, stream: &[u8], sizes: &[usize], limit: usize) -> Outcome {
    let whole = with_decoder(framing, stream, &[stream.len()], limit);
    for cut in 1..stream.len() {
        let outcome = with_decoder(framing, stream, &[cut, stream.len()], limit);
        assert_eq!(outcome, whole, "{framing}, cut at {cut}");
    }
    assert_eq!(with_decoder(framing, stream, &[1], limit), whole, "{framing}, byte by byte");
    assert_eq!(with_decoder(framing, stream, sizes, limit), whole, "{framing}, {sizes:?}");
    let outcome = without_taken(&whole);
    check(framing, stream, sizes, limit, &outcome);
    outcome
}

proptest! {
    #[test]
    fn messages_of_any_content_survive_any_cut(
        framing in any_framing(),
        mut messages in vec(any_message(), 0..8),
        sizes in vec(1..300_usize, 1..10),
    ) {
        let stream = stream_of(&framing, &mut messages);
        let outcome = same_at_every_cut(&framing, &stream, &sizes, DEFAULT_LIMIT);
        prop_assert_eq!(outcome, (messages, Ok(())));
    }

    #[test]
    fn a_damaged_stream_gives_the_same_error_however_it_is_cut(
        framing in any_framing(),
        mut messages in vec(any_message(), 1..4),
        damage in any::<(prop::sample::Index, u8)>(),
        noise in vec(prop_oneof![Just(0), Just(b'a'), Just(b' '), 48..52_u8, any::<u8>()], 0..60),
        sizes in vec(1..40_usize, 1..10),
        limit in 0..150_usize,
    ) {
        let mut stream = stream_of(&framing, &mut messages);
        stream.extend(noise);
        if !stream.is_empty() {
            let at = damage.0.index(stream.len());
            stream[at] = damage.1;
        }
        let _ = same_at_every_cut(&framing, &stream, &sizes, limit);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn messages_longer_than_the_reading_buffer_survive_any_cut(
        framing in any_framing(),
        lengths in vec(0..200_000_usize, 1..4),
        sizes in vec(1..100_000_usize, 1..4),
    ) {
        let mut messages: Vec<Vec<u8>> = lengths.iter().map(|length| vec![b'x'; *length]).collect();
        let stream = stream_of(&framing, &mut messages);
        check(&framing, &stream, &sizes, DEFAULT_LIMIT, &(messages, Ok(())));
    }
}

#[test]
fn signed_and_unsigned_lengths_differ_only_in_the_longest_message() {
    assert_eq!(LengthField::FRAME.longest(), i32::MAX as u64);
    let longest = |text: &str| text.parse::<LengthField>().unwrap().longest();
    assert_eq!([longest("b"), longest("B"), longest("B+self")], [127, 255, 254]);
    assert_eq!([longest("<I"), longest(">I+self")], [u32::MAX.into(), u64::from(u32::MAX) - 4]);
    assert_eq!([longest("q"), longest("Q+self")], [i64::MAX as u64, u64::MAX - 8]);
    let error = Framing::FRAME.encode(b"", &mut Vec::new());
    assert!(error.is_ok());
    assert!(matches!(
        framing("b").encode(&[0; 200], &mut Vec::new()),
        Err(Error::TooLongForLength { length: 200, most: 127 })
    ));
}
