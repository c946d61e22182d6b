//! What a report says: bytes as a reader sees them, and the hint of a failure.

use judge::show::{bytes, end, pieces};
use judge::{Failure, FailureKind, Hint, Outcome};

#[test]
fn text_is_quoted_and_other_bytes_are_pairs() {
    assert_eq!(bytes(b"hello\n"), r#""hello\n""#);
    assert_eq!(bytes(b"h"), r#""h""#);
    assert_eq!(bytes(b"\x03\0\0\0hi\n\x02\0\0\0a\n"), r#"03 00 00 00 "hi\n" 02 00 00 00 61 0a"#);
    assert_eq!(bytes(b"\xff\xfeabc\xff"), r#"ff fe "abc" ff"#);
}

#[test]
fn what_is_long_is_cut_and_counted() {
    assert!(bytes(&[b'x'; 100]).ends_with("xxx\" … 100 bytes in all"));
    assert!(end(&"好".repeat(100)).starts_with("… \"好"));
    assert!(!bytes("好".repeat(100).as_bytes()).contains("\\x"));
}

#[test]
fn of_many_pieces_the_first_ones_and_the_last_are_shown() {
    let many = b"0123456789".repeat(10);
    let shown = pieces(&many.chunks(1).collect::<Vec<_>>());
    assert!(shown.starts_with(r#""0" | "1" | "2""#), "{shown}");
    assert!(shown.ends_with(r#" | "0" | … 68 more … | "9""#), "{shown}");
    let few: Vec<&[u8]> = many.chunks(50).collect();
    assert_eq!(pieces(&few).matches(" | ").count(), 1);
}

#[test]
fn the_first_hint_that_fits_stays() {
    let failed: Outcome = Err(Failure::new(FailureKind::Closed, "a", "b"));
    let failed =
        failed.hint(FailureKind::Timeout, "1").hint(FailureKind::Closed, "2").hint_any("3");
    assert_eq!(failed.unwrap_err().hint.as_deref(), Some("2"));
}
