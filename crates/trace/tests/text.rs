//! How bytes are shown as text.

use trace::text::{escape, quote};

#[test]
fn what_a_peer_sends_cannot_move_the_cursor() {
    assert_eq!(escape(b"\x1b[2J\r\x07"), r"\x1b[2J\r\x07");
}

#[test]
fn bytes_that_are_no_utf8_are_shown_as_what_they_are() {
    assert_eq!(escape(b"a\xffb"), r"a\xffb");
}

#[test]
fn a_long_message_is_cut_between_characters_and_says_so() {
    let quoted = quote("好".repeat(40).as_bytes());
    assert!(quoted.ends_with("好\"…"), "{quoted}");
    assert!(!quoted.contains("\\x"), "{quoted}");
}
