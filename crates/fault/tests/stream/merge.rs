//! `merge` joins what comes within a window.

use std::time::Instant;

use fault::stream::{Emitted, StreamEvent};

use crate::journey::{MS, journey, link};

#[test]
fn the_first_byte_opens_a_window_and_all_that_comes_in_it_leaves_when_it_closes() {
    let chunks = [(5, "he"), (0, "l"), (19, "lo"), (1, "fe"), (30, "ng")]
        .map(|(gap, text)| (MS * gap, text.as_bytes().to_vec()));
    let journey = journey(link(&["merge=20ms"], 1), &chunks.to_vec());
    let expected = [(25, "hello"), (45, "fe"), (75, "ng")]
        .map(|(at, text)| (MS * at, Emitted::Bytes(text.into())));
    assert_eq!(journey.emitted[..3], expected);
    assert_eq!(journey.emitted[3..], [(75 * MS, Emitted::End)]);
}

#[test]
fn an_end_with_nothing_before_it_does_not_wait() {
    let (mut link, now) = (link(&["merge=20ms"], 1), Instant::now());
    link.push(now, StreamEvent::Bytes(b"x"));
    link.push(now + 50 * MS, StreamEvent::End);
    assert_eq!(link.pop(now + 50 * MS), Some(Emitted::Bytes(b"x".to_vec())));
    assert_eq!(link.pop(now + 50 * MS), Some(Emitted::End));
}

#[test]
fn a_reset_comes_after_the_bytes_that_were_held_back() {
    let (mut link, now) = (link(&["merge=20ms"], 1), Instant::now());
    link.push(now, StreamEvent::Bytes(b"x"));
    link.push(now, StreamEvent::Reset);
    assert_eq!(link.pop(now + 20 * MS), Some(Emitted::Bytes(b"x".to_vec())));
    assert_eq!(link.pop(now + 20 * MS), Some(Emitted::Reset));
}

#[test]
fn what_was_sliced_is_joined_again_and_what_was_joined_is_sliced() {
    let chunks = vec![(MS, b"hel".to_vec()), (MS, b"lo".to_vec())];
    let through = |specs: &[&str]| journey(link(specs, 1), &chunks).emitted;
    let hello = [(21 * MS, Emitted::Bytes(b"hello".to_vec())), (21 * MS, Emitted::End)];
    assert_eq!(through(&["slice=1", "merge=20ms"]), hello);
    let sliced = through(&["merge=20ms", "slice=1"]);
    assert_eq!(sliced.len(), 6);
    assert!(sliced.iter().all(|(at, _)| *at == 21 * MS), "{sliced:?}");
}
