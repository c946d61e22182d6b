//! Frames are found in a stream wherever it is cut, and what is none is said to be none.
#![expect(clippy::unwrap_used, reason = "a test fails with the line that unwraps")]

use proptest::collection::vec;
use proptest::prelude::*;

use trace::frames::Frames;

const LIMIT: usize = wire::DEFAULT_LIMIT;

/// What is found in a stream that comes in these pieces, and how it ends.
fn found(pieces: &[&[u8]]) -> (Vec<String>, String) {
    let (mut frames, mut all) = (Frames::new(LIMIT), Vec::new());
    for piece in pieces {
        frames.push(piece, &mut |found| all.push(found.to_string()));
    }
    let end = frames.finish().err().map(|error| error.to_string());
    (all, end.unwrap_or_default())
}

fn frame(payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    wire::encode(payload, &mut out).unwrap();
    out
}

#[test]
fn each_frame_is_shown_with_its_length() {
    let stream = [frame(b"echo hi"), frame(b""), frame(&[b'a'; 1000])].concat();
    let (all, end) = found(&[&stream]);
    let long = format!("frame of 1000 bytes \"{}\"…", "a".repeat(60));
    assert_eq!(all, ["frame of 7 bytes \"echo hi\"", "frame of 0 bytes \"\"", &long]);
    assert_eq!(end, "");
}

#[test]
fn a_json_header_is_shown_and_so_is_the_body_that_it_announces() {
    for name in ["total_size", "size", "lenth"] {
        let json = format!("{{\"filename\":\"好\\t.txt\",\n\"{name}\":3}}");
        let stream = [&frame(json.as_bytes())[..], b"hi\n", &frame(b"next")].concat();
        let (all, end) = found(&[&stream]);
        let header =
            format!("frame of {} bytes, a JSON header: {}", json.len(), json.replace('\n', "\\n"));
        assert_eq!(all, [&header, "body of 3 bytes \"hi\\n\"", "frame of 4 bytes \"next\""]);
        assert_eq!(end, "");
    }
}

#[test]
fn json_that_announces_no_body_has_none() {
    for json in ["{}", r#"{"error":"no such file"}"#] {
        let (all, _) = found(&[&[frame(json.as_bytes()), frame(b"next")].concat()]);
        assert!(all[0].ends_with(&format!("a JSON header: {json}")), "{all:?}");
        assert_eq!(all[1], "frame of 4 bytes \"next\"");
    }
    for text in ["[3]", "{", "{\"total_size\":-1}", "{\"total_size\":\"3\"}"] {
        let (all, _) = found(&[&[frame(text.as_bytes()), frame(b"next")].concat()]);
        assert!(!all[0].contains("JSON"), "{all:?}");
        assert_eq!(all[1], "frame of 4 bytes \"next\"");
    }
}

#[test]
fn a_stream_of_something_else_says_once_where_it_stops_being_frames_and_why() {
    let http = [&frame(b"hello")[..], b"GET / HTTP/1.1\r\n\r\n"].concat();
    let (all, end) = found(&[&http, b"more", &frame(b"hello")]);
    let words = "no frames any more: length 542393671 at byte 9 is above the limit of 16777216 \
                 bytes; as text it is \"GET \"";
    assert_eq!(all, ["frame of 5 bytes \"hello\"", words]);
    assert_eq!(end, "");

    let (all, _) = found(&[&[0xff; 100]]);
    let words = "no frames any more: length -1 at byte 0 is negative";
    assert_eq!(all, [words]);
}

#[test]
fn a_stream_that_ends_inside_a_frame_says_how_much_is_missing() {
    assert_eq!(
        found(&[b"\x07\0"]).1,
        "the stream ended at byte 2, with 2 of the 4 bytes of a length"
    );
    let cut = |stream: &[u8]| found(&[stream]).1;
    let words = "the stream ended at byte 8, with 4 of the 7 bytes announced";
    assert_eq!(cut(&frame(b"echo hi")[..8]), words);
    let json = frame(b"{\"total_size\":1000}");
    let words = "the stream ended at byte 24, with 1 of the 1000 bytes announced";
    assert_eq!(cut(&[&json[..], b"a"].concat()), words);
}

#[test]
fn a_header_can_move_no_cursor_and_is_cut_when_it_is_long() {
    let json = format!("{{\"a\":\"\u{7f}\u{202e}{}\"}}", "x".repeat(1000));
    let (all, _) = found(&[&frame(json.as_bytes())]);
    assert!(all[0].contains("a JSON header: {\"a\":\"\\u{7f}\\u{202e}xxx"), "{}", all[0]);
    assert!(all[0].ends_with("xxx…"), "{}", all[0]);
}

fn any_part() -> impl Strategy<Value = Vec<u8>> {
    let message = vec(any::<u8>(), 0..200).prop_map(|payload| frame(&payload));
    let body = (vec(any::<u8>(), 0..200), 0..3_usize).prop_map(|(body, missing)| {
        let json = format!("{{\"total_size\":{}}}", body.len() + missing / 2);
        [frame(json.as_bytes()), body].concat()
    });
    let cut = (vec(any::<u8>(), 0..9), 0..300_i32)
        .prop_map(|(bytes, length)| [&length.to_le_bytes()[..], &bytes].concat());
    prop_oneof![4 => message, 4 => body, 1 => cut, 1 => vec(any::<u8>(), 0..9)]
}

proptest! {
    #[test]
    fn the_same_frames_are_found_wherever_the_stream_is_cut(
        parts in vec(any_part(), 0..6),
        sizes in vec(1..40_usize, 1..9),
    ) {
        let stream = parts.concat();
        let whole = found(&[&stream]);
        let bytes: Vec<&[u8]> = stream.chunks(1).collect();
        prop_assert_eq!(&found(&bytes), &whole);
        for cut in 0..=stream.len() {
            let (before, after) = stream.split_at(cut);
            prop_assert_eq!(&found(&[before, after]), &whole, "cut at {}", cut);
        }
        let (mut pieces, mut rest) = (Vec::new(), stream.as_slice());
        for size in sizes.iter().cycle() {
            let (piece, more) = rest.split_at(rest.len().min(*size));
            pieces.push(piece);
            rest = more;
            if rest.is_empty() {
                break;
            }
        }
        prop_assert_eq!(&found(&pieces), &whole);
    }
}
