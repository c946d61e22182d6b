//! `latency` delivers everything later.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use fault::MAX_TIME;
use fault::stream::{Emitted, StreamEvent};

use crate::journey::{MS, at_once, journey, link};

/// How much later each chunk leaves, when there is always time enough for the one before.
fn latencies(fault: &str, count: usize) -> Vec<Duration> {
    let (mut link, mut now) = (link(&[fault], 1), Instant::now());
    let later = |_| {
        now += MAX_TIME;
        assert_eq!(link.push(now, StreamEvent::Bytes(b"x")), [""; 0]);
        let due = link.due().unwrap();
        link.pop(due);
        due - now
    };
    (0..count).map(later).collect()
}

#[test]
fn a_latency_from_and_to_the_same_is_constant() {
    assert_eq!(latencies("latency=20ms", 100), [20 * MS; 100]);
}

#[test]
fn both_ends_of_a_range_and_all_between_them_are_possible() {
    let seen = BTreeSet::from_iter(latencies("latency=10ns..13ns", 1_000));
    assert_eq!(seen, BTreeSet::from([10, 11, 12, 13].map(Duration::from_nanos)));
}

#[test]
fn what_is_faster_waits_behind_what_was_sent_before_it() {
    let chunks = (0..1_000_u16).map(|number| (MS, number.to_be_bytes().to_vec())).collect();
    let journey = journey(link(&["latency=10ms..30ms"], 1), &chunks);
    assert_eq!(journey.bytes(), Vec::from_iter((0..1_000).flat_map(u16::to_be_bytes)));
    let mut waited = 0;
    for (number, (at, _)) in (1_u32..).zip(journey.chunks()) {
        assert!((10 * MS..=30 * MS).contains(&(at - MS * number)), "{at:?}");
        waited += usize::from(at == journey.chunks()[number.saturating_sub(2) as usize].0);
    }
    assert!(waited > 100, "only {waited} of 1,000 had to wait");
}

#[test]
fn what_was_joined_stays_together() {
    let chunks = at_once(&[b"he", b"l", b"lo"]);
    let journey = journey(link(&["merge=5ms", "latency=10ms..30ms"], 1), &chunks);
    let [(_, Emitted::Bytes(chunk)), (_, Emitted::End)] = &journey.emitted[..] else {
        panic!("not one chunk and the end: {journey:?}");
    };
    assert_eq!(chunk, b"hello");
}
