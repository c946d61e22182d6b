//! Frames: the same stream, cut in every way, gives the same messages by every way of reading.

use std::io::{self, ErrorKind, Read};

use proptest::prelude::*;
use wire::{DEFAULT_LIMIT, Decoder, Error, FrameReader, Framing};

use crate::peers::{Calls, Pieces};
use crate::ways::{self, Outcome, moved};

/// Also proves that each call took its frame and not a byte more.
fn with_read_frame(stream: &[u8], sizes: &[usize], limit: usize) -> Outcome {
    let mut reader = Pieces::new(stream, sizes);
    let mut frames = Vec::new();
    let mut end = 0;
    loop {
        match wire::read_frame(&mut reader, limit) {
            Ok(Some(frame)) => {
                end += wire::LENGTH_BYTES + frame.len();
                assert_eq!(reader.given, end, "read_frame took another frame's bytes");
                frames.push(frame);
            }
            Ok(None) => return (frames, Ok(())),
            // Its offsets begin anew with each call.
            Err(error) => return (frames, Err(moved(error, end as u64).to_string())),
        }
    }
}

fn stream_of(frames: &[Vec<u8>]) -> Vec<u8> {
    let mut stream = Vec::new();
    for frame in frames {
        wire::encode(frame, &mut stream).unwrap();
    }
    stream
}

fn check(stream: &[u8], sizes: &[usize], limit: usize, expected: &Outcome) {
    ways::check(&Framing::FRAME, stream, sizes, limit, expected);
    assert_eq!(&with_read_frame(stream, sizes, limit), expected, "read_frame, {sizes:?}");
}

fn short_frames() -> Vec<Vec<u8>> {
    ["hello", "", "x", "汉字", "", "\0\0\0\0\u{1}"].map(|text| text.as_bytes().to_vec()).to_vec()
}

#[test]
fn a_frame_is_a_little_endian_length_and_the_payload() {
    let mut out = b"before".to_vec();
    wire::encode(&[7; 258], &mut out).unwrap();
    assert_eq!(out[..10], *b"before\x02\x01\0\0");
    assert_eq!(out[10..], [7; 258]);
}

#[test]
fn a_stream_cut_at_any_two_places_gives_the_same_messages() {
    let frames = short_frames();
    let stream = stream_of(&frames);
    let expected = (frames, Ok(()));
    for first in 1..=stream.len() {
        for second in 1..=stream.len() {
            check(&stream, &[first, second, stream.len()], 100, &expected);
        }
    }
}

#[test]
fn a_stream_that_ends_early_says_at_which_byte_and_what_is_missing() {
    let frames = [b"hello".to_vec(), b"world!".to_vec()];
    let stream = stream_of(&frames);
    for end in 0..=stream.len() {
        let (whole, result) = match end {
            0 => (0, Ok(())),
            1..=3 => (0, Err(format!("{end} of the 4 bytes of a length"))),
            4..=8 => (0, Err(format!("{} of the 5 bytes announced", end - 4))),
            9 => (1, Ok(())),
            10..=12 => (1, Err(format!("{} of the 4 bytes of a length", end - 9))),
            13..=18 => (1, Err(format!("{} of the 6 bytes announced", end - 13))),
            _ => (2, Ok(())),
        };
        let result = result.map_err(|got| format!("the stream ended at byte {end}, with {got}"));
        let expected = (frames[..whole].to_vec(), result);
        for size in 1..=stream.len() {
            check(&stream[..end], &[size], 100, &expected);
        }
    }
}

proptest! {
    #[test]
    fn frames_of_any_content_survive_any_cut(
        frames in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 0..20),
        sizes in prop::collection::vec(1..500_usize, 1..20),
    ) {
        check(&stream_of(&frames), &sizes, DEFAULT_LIMIT, &(frames, Ok(())));
    }

    #[test]
    fn frames_longer_than_the_reading_buffer_survive_any_cut(
        lengths in prop::collection::vec(0..200_000_usize, 1..4),
        sizes in prop::collection::vec(1..100_000_usize, 1..4),
    ) {
        let frames: Vec<Vec<u8>> =
            lengths.iter().map(|length| (0..*length).map(|byte| byte as u8).collect()).collect();
        check(&stream_of(&frames), &sizes, DEFAULT_LIMIT, &(frames, Ok(())));
    }

    #[test]
    fn bytes_that_are_no_frames_give_the_same_error_however_they_are_cut(
        stream in prop::collection::vec(prop_oneof![Just(0), 0..5_u8, any::<u8>()], 0..60),
        sizes in prop::collection::vec(1..20_usize, 1..10),
    ) {
        let whole = with_read_frame(&stream, &[stream.len()], 40);
        check(&stream, &sizes, 40, &whole);
    }
}

#[test]
fn a_payload_that_is_whole_in_the_input_is_lent_and_not_copied() {
    let stream = stream_of(&[b"hello".to_vec()]);
    let mut input = stream.as_slice();
    let mut decoder = Decoder::new(&Framing::FRAME, 100);
    let frame = decoder.decode(&mut input).unwrap().unwrap();
    assert_eq!(frame.as_ptr(), stream[4..].as_ptr());

    // Also when only its length was cut.
    let (mut one, mut two) = stream.split_at(3);
    assert_eq!(decoder.decode(&mut one).unwrap(), None);
    let frame = decoder.decode(&mut two).unwrap().unwrap();
    assert_eq!(frame.as_ptr(), stream[4..].as_ptr());
}

#[test]
fn a_payload_of_exactly_the_limit_is_read_and_one_byte_more_is_refused() {
    let stream = stream_of(&[vec![b'a'; 10], vec![b'b'; 11]]);
    let error = "length 11 at byte 14 is above the limit of 10 bytes".to_owned();
    let expected = (vec![vec![b'a'; 10]], Err(error));
    for size in 1..=stream.len() {
        check(&stream, &[size], 10, &expected);
    }
}

#[test]
fn a_negative_length_is_refused() {
    let stream = (-2_i32).to_le_bytes();
    let expected = (vec![], Err("length -2 at byte 0 is negative".to_owned()));
    for size in 1..=4 {
        check(&stream, &[size], DEFAULT_LIMIT, &expected);
    }
}

#[test]
fn after_a_bad_length_the_decoder_gives_the_same_error_and_takes_nothing() {
    for (stream, error) in [
        (b"\xff\xff\xff\xff\x01\0\0\0x", "length -1 at byte 5 is negative"),
        (b"\xe8\x03\0\0\x01\0\0\0x", "length 1000 at byte 5 is above the limit of 100 bytes"),
    ] {
        let mut decoder = Decoder::new(&Framing::FRAME, 100);
        decoder.decode(&mut b"\x01\0\0\0x".as_slice()).unwrap();
        let mut input = stream.as_slice();
        for _ in 0..3 {
            assert_eq!(decoder.decode(&mut input).unwrap_err().to_string(), error);
            assert_eq!(decoder.finish().unwrap_err().to_string(), error);
            assert_eq!(decoder.position(), 9, "the bad length is taken");
            assert_eq!(input, b"\x01\0\0\0x", "and nothing after it");
        }
        assert!(decoder.decode(&mut b"\x01\0\0\0x".as_slice()).is_err(), "nor anything new");
    }
}

#[test]
fn a_length_that_is_text_is_shown_as_text() {
    let mut peer = b"1\n2\n3\n".as_slice();
    let error = wire::read_frame(&mut peer, DEFAULT_LIMIT).unwrap_err();
    assert_eq!(error.length_as_text().as_deref(), Some("1\\n2\\n"));
    assert_eq!(
        error.to_string(),
        "length 171051569 at byte 0 is above the limit of 16777216 bytes; as text it is \"1\\n2\\n\"",
    );
}

#[test]
fn only_four_bytes_of_text_are_taken_for_text() {
    for (bytes, text) in [
        (b"GET ", Some("GET ")),
        (b"\t\r\n~", Some("\\t\\r\\n~")),
        (b"\"'\\a", Some("\\\"'\\\\a")),
        (b"abc\x7f", None),
        (b"abc\0", None),
        (b"\0abc", None),
        (b"\x1b[2J", None),
        (b"abc\xff", None),
    ] {
        let error = wire::read_frame(&mut bytes.as_slice(), 100).unwrap_err();
        assert_eq!(error.length_as_text().as_deref(), text, "{bytes:?}: {error}");
    }
    assert_eq!(Error::EndInHeader { got: 1, at: 1 }.length_as_text(), None);
}

#[test]
fn a_payload_too_long_for_a_length_is_refused_before_anything_is_written() {
    assert_eq!(wire::encode_length(i32::MAX as usize).unwrap(), [0xff, 0xff, 0xff, 0x7f]);
    let error = wire::encode_length(i32::MAX as usize + 1).unwrap_err();
    assert!(matches!(error, Error::TooLong { length: 0x8000_0000 }), "{error:?}");
    assert_eq!(
        error.to_string(),
        "2147483648 bytes are too many for one frame: its length holds at most 2147483647",
    );
}

#[test]
fn a_frame_is_written_in_one_call_and_flushed() {
    for payload in [&[][..], b"hello", &[7; 100_000]] {
        let mut writer = Calls::new(usize::MAX);
        wire::write_frame(&mut writer, payload).unwrap();
        assert_eq!((writer.writes, writer.flushes), (1, 1), "{} bytes", payload.len());
        assert_eq!(writer.bytes, stream_of(&[payload.to_vec()]));
    }
}

#[test]
fn a_writer_that_takes_three_bytes_at_a_time_gets_the_whole_frame() {
    let mut writer = Calls::new(3);
    wire::write_frame(&mut writer, b"hello").unwrap();
    assert_eq!(writer.bytes, b"\x05\0\0\0hello");
}

#[test]
fn a_failed_read_is_passed_on_and_a_frame_reader_goes_on_after_it() {
    /// Times out once, between the first and the second half of the stream.
    struct TimesOut(Vec<Option<&'static [u8]>>);

    impl Read for TimesOut {
        fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
            match self.0.pop() {
                Some(Some(mut piece)) => piece.read(room),
                Some(None) => Err(ErrorKind::TimedOut.into()),
                None => Ok(0),
            }
        }
    }

    let halves = || TimesOut(vec![Some(b"llo"), None, Some(b"\x05\0\0\0he")]);
    let error = wire::read_frame(&mut halves(), 100).unwrap_err();
    assert!(matches!(&error, Error::Io(io) if io.kind() == ErrorKind::TimedOut), "{error:?}");

    let mut reader = FrameReader::new(halves(), &Framing::FRAME, 100);
    assert!(matches!(reader.next_frame(), Err(Error::Io(_))));
    assert_eq!(reader.next_frame().unwrap(), Some(b"hello".as_slice()));
    assert_eq!(reader.next_frame().unwrap(), None);
    assert!(reader.into_inner().0.is_empty());
}
