//! `stall` holds back what follows so many bytes, once.

use std::time::Duration;

use crate::journey::{MS, at_once, journey, link};

#[test]
fn whatever_the_cuts_only_what_follows_so_many_bytes_is_late() {
    let text = b"hello feng";
    for (after, cut) in (0..=12).flat_map(|after| (0..=text.len()).map(move |cut| (after, cut))) {
        let (front, back) = text.split_at(cut);
        let stall = format!("stall={after}:2s");
        let journey = journey(link(&[&stall], 1), &at_once(&[front, back]));
        assert_eq!(journey.bytes(), text);
        let in_time: Vec<u8> = journey
            .chunks()
            .iter()
            .filter(|(at, _)| at.is_zero())
            .flat_map(|(_, chunk)| *chunk)
            .copied()
            .collect();
        assert_eq!(in_time, text[..after.min(text.len())], "{stall}, cut at {cut}");
        let late = if after <= 10 { 2_000 * MS } else { Duration::ZERO };
        assert_eq!(journey.last().0, late, "the end");
        assert!(journey.chunks().iter().all(|(at, _)| at.is_zero() || *at == late));
    }
}

#[test]
fn it_is_told_once_when_it_begins() {
    for (stall, words) in [
        ("stall=5", "stalled for 10 s after 5 bytes"),
        ("stall=1:1500ms", "stalled for 1.5 s after 1 byte"),
        ("stall=0:20ms", "stalled for 0.02 s after 0 bytes"),
    ] {
        let chunks = at_once(&[b"hello", b" ", b"feng"]);
        assert_eq!(journey(link(&[stall], 1), &chunks).words, [words]);
    }
}

#[test]
fn what_comes_after_the_stall_is_not_late() {
    let chunks = vec![(MS, b"hello".to_vec()), (MS, b" ".to_vec()), (10 * MS, b"x".to_vec())];
    let journey = journey(link(&["stall=5:5ms"], 1), &chunks);
    assert_eq!(journey.chunks(), [(MS, &b"hello"[..]), (6 * MS, b" "), (12 * MS, b"x")]);
}
