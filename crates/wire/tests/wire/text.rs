//! Text: a character that is cut by a read survives, and what is wrong does no harm.

use proptest::prelude::*;
use wire::{Encoding, TextDecoder, UnknownEncoding};

fn encoding(label: &str) -> Encoding {
    label.parse().unwrap()
}

#[test]
fn two_characters_survive_a_cut_at_every_byte() {
    for (label, bytes) in [
        ("utf-8", b"\xe6\xb1\x89\xe5\xad\x97".as_slice()),
        ("gbk", b"\xba\xba\xd7\xd6"),
        ("gb18030", b"\xba\xba\xd7\xd6"),
        ("big5", b"\xba\x7e\xa6\x72"),
    ] {
        let text = if label == "big5" { "漢字" } else { "汉字" };
        assert_eq!(encoding(label).encode(text), bytes, "{label}");
        assert_eq!(encoding(label).decode(bytes), text, "{label}");
        for cut in 0..=bytes.len() {
            let mut decoder = TextDecoder::new(encoding(label));
            let pieces = [&bytes[..cut], &bytes[cut..]].map(|piece| decoder.push(piece));
            assert_eq!(pieces.concat(), text, "{label}, cut at {cut}: {pieces:?}");
            assert_eq!(decoder.finish(), "", "{label}, cut at {cut}");
        }
    }
}

/// ASCII, Chinese (two bytes a character in gb18030) and emoji (four), mixed.
fn text_of_gb18030() -> impl Strategy<Value = String> {
    let range = prop::char::range;
    let character = prop_oneof![range('\0', '\u{7f}'), range('一', '龥'), range('😀', '😏')];
    prop::collection::vec(character, 0..60).prop_map(String::from_iter)
}

proptest! {
    #[test]
    fn any_text_in_any_pieces_is_the_text_that_was_sent(
        text in text_of_gb18030(),
        sizes in prop::collection::vec(1..9_usize, 1..9),
        label in prop::sample::select(vec!["utf-8", "gb18030"]),
    ) {
        let bytes = encoding(label).encode(&text);
        let mut decoder = TextDecoder::new(encoding(label));
        let mut got = String::new();
        let mut rest = bytes.as_slice();
        for size in sizes.iter().cycle() {
            let (piece, after) = rest.split_at((*size).min(rest.len()));
            got += &decoder.push(piece);
            rest = after;
            if rest.is_empty() {
                break;
            }
        }
        got += &decoder.finish();
        prop_assert_eq!(&got, &text);
        prop_assert_eq!(encoding(label).decode(&bytes), text);
    }

    #[test]
    fn wrong_bytes_give_the_same_text_whole_and_in_pieces(
        bytes in prop::collection::vec(any::<u8>(), 0..60),
        size in 1..9_usize,
        label in prop::sample::select(vec!["utf-8", "gbk", "big5", "shift_jis", "iso-2022-jp"]),
    ) {
        let mut decoder = TextDecoder::new(encoding(label));
        let mut got: String = bytes.chunks(size).map(|piece| decoder.push(piece)).collect();
        got += &decoder.finish();
        prop_assert_eq!(got, encoding(label).decode(&bytes));
    }
}

#[test]
fn bytes_that_are_wrong_become_the_replacement_character() {
    assert_eq!(encoding("utf-8").decode(b"a\xffb\xe6\xb1"), "a\u{fffd}b\u{fffd}");
    assert_eq!(encoding("gbk").decode(b"a\xffb\xba"), "a\u{fffd}b\u{fffd}");
}

#[test]
fn a_decoder_that_has_finished_begins_anew() {
    let mut decoder = TextDecoder::new(encoding("gbk"));
    for _ in 0..2 {
        assert_eq!(decoder.push(b"\xba\xba\xd7"), "汉");
        assert_eq!(decoder.finish(), "\u{fffd}");
    }
}

#[test]
fn a_byte_order_mark_changes_nothing() {
    // These are UTF-16's mark, but the peer said GBK.
    assert!(!encoding("gbk").decode(b"\xff\xfea").contains('愀'));
    assert_eq!(encoding("utf-8").decode("\u{feff}a".as_bytes()), "\u{feff}a");
}

#[test]
fn characters_that_the_encoding_lacks_become_question_marks() {
    assert_eq!(encoding("gbk").encode("汉😀字"), b"\xba\xba?\xd7\xd6");
    assert_eq!(encoding("big5").encode("😀😀"), b"??");
    // This one has states, and the question mark must not be read in the wrong one.
    let japanese = encoding("iso-2022-jp");
    assert_eq!(japanese.decode(&japanese.encode("漢😀字")), "漢?字");
}

#[test]
fn a_long_text_is_encoded_and_decoded_whole() {
    let text = "汉字\u{20ac}😀".repeat(10_000);
    let gb18030 = encoding("gb18030");
    assert_eq!(gb18030.decode(&gb18030.encode(&text)), text);
}

#[test]
fn an_encoding_is_found_by_any_of_its_names_and_shown_by_one() {
    for (label, name) in [
        ("utf-8", "utf-8"),
        ("UTF8", "utf-8"),
        ("GBK", "gbk"),
        ("gb2312", "gbk"),
        ("gb18030", "gb18030"),
        ("Big5", "big5"),
        ("Shift_JIS", "shift_jis"),
    ] {
        assert_eq!(encoding(label).to_string(), name);
        assert_eq!(encoding(name), encoding(label));
    }
    assert_eq!(Encoding::default(), encoding("utf-8"));
}

#[test]
fn names_that_cannot_be_read_and_written_are_refused_with_some_that_can() {
    for label in ["", "utf8x", "utf-16", "utf-16le", "UTF-16BE", "replacement", "iso-2022-kr"] {
        let error: UnknownEncoding = label.parse::<Encoding>().unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("no text encoding {label:?} here: try utf-8, gbk, gb18030, big5 or shift_jis"),
        );
    }
}
