//! `limit` and `reset` stop a stream after so many bytes.

use fault::stream::Emitted;

use crate::journey::{MS, at_once, journey, link};

fn assert_stops_right_after(fault: &str, last: &Emitted, verb: &str) {
    let text = b"hello feng";
    for (bytes, cut) in (0..=12).flat_map(|bytes| (0..=text.len()).map(move |cut| (bytes, cut))) {
        let fault = format!("{fault}={bytes}");
        let (front, back) = text.split_at(cut);
        let journey = journey(link(&[&fault], 1), &at_once(&[front, back]));
        assert_eq!(journey.bytes(), text[..bytes.min(text.len())], "{fault}, cut at {cut}");
        // A stream that is too short for the fault ends in order.
        let fires = bytes <= text.len();
        assert_eq!(journey.ends(), [if fires { last } else { &Emitted::End }]);
        let s = if bytes == 1 { "" } else { "s" };
        let words = fires.then(|| format!("{verb} after {bytes} byte{s}"));
        assert_eq!(journey.words, Vec::from_iter(words));
    }
}

#[test]
fn whatever_the_cuts_the_end_comes_right_after_the_last_byte() {
    assert_stops_right_after("limit", &Emitted::End, "closed");
}

#[test]
fn whatever_the_cuts_the_reset_comes_right_after_the_last_byte() {
    assert_stops_right_after("reset", &Emitted::Reset, "reset");
}

#[test]
fn the_end_does_not_wait_for_a_byte_too_many() {
    let chunks = vec![(MS, b"hello".to_vec()), (MS, b" feng".to_vec())];
    let journey = journey(link(&["limit=5"], 1), &chunks);
    assert_eq!(journey.last(), &(MS, Emitted::End));
}
