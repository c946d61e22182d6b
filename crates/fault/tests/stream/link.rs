//! A link has its faults work one after the other.

use std::time::{Duration, Instant};

use fault::stream::{Emitted, Link, StreamEvent};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::journey::{
    Journey, MS, any_chunks, any_harmless, any_spec, at_once, journey, link, sent,
};

#[test]
fn a_perfect_link_delivers_at_once_as_it_was_cut_and_has_nothing_to_say() {
    assert!(link(&[], 1).is_perfect());
    assert!(!link(&["none"], 1).is_perfect());
    for specs in [&[][..], &["none"], &["none", "none"]] {
        let chunks = vec![(MS, b"he".to_vec()), (MS, vec![]), (MS, b"llo".to_vec())];
        let Journey { emitted, words } = journey(link(specs, 1), &chunks);
        let expected = [
            (MS, Emitted::Bytes(b"he".to_vec())),
            (3 * MS, Emitted::Bytes(b"llo".to_vec())),
            (3 * MS, Emitted::End),
        ];
        assert_eq!(emitted, expected);
        assert_eq!(words, [""; 0]);
    }
}

#[test]
fn what_is_on_its_way_is_counted_until_it_leaves() {
    let (mut link, now) = (link(&["latency=20ms", "slice=2"], 1), Instant::now());
    assert_eq!((link.held(), link.due()), (0, None));
    link.push(now, StreamEvent::Bytes(b"hello"));
    assert_eq!((link.held(), link.due()), (5, Some(now + 20 * MS)));
    assert_eq!(link.pop(now + 19 * MS), None);
    assert_eq!(link.pop(now + 20 * MS), Some(Emitted::Bytes(b"he".to_vec())));
    assert_eq!(link.held(), 3);
}

#[test]
fn pieces_due_at_the_same_time_stay_apart_and_only_more_of_a_chunk_joins_it() {
    let (mut link, now) = (link(&[], 1), Instant::now());
    for event in [
        StreamEvent::Bytes(b"a"),
        StreamEvent::Bytes(b"b"),
        StreamEvent::More(b"c"),
        StreamEvent::More(b"d"),
    ] {
        link.push(now, event);
    }
    assert_eq!(link.pop(now), Some(Emitted::Bytes(b"a".to_vec())));
    assert_eq!(link.pop(now), Some(Emitted::Bytes(b"bcd".to_vec())));
    // That has left, so this is a chunk of its own.
    link.push(now, StreamEvent::More(b"e"));
    link.push(now + MS, StreamEvent::More(b"f"));
    assert_eq!(link.pop(now + MS), Some(Emitted::Bytes(b"e".to_vec())));
    assert_eq!(link.pop(now + MS), Some(Emitted::Bytes(b"f".to_vec())));
}

#[test]
fn nothing_but_a_reset_follows_an_end_and_nothing_at_all_a_reset() {
    let (mut link, now) = (link(&[], 1), Instant::now());
    for event in [
        StreamEvent::End,
        StreamEvent::Bytes(b"x"),
        StreamEvent::End,
        StreamEvent::Reset,
        StreamEvent::Bytes(b"x"),
    ] {
        link.push(now, event);
        link.push(now, StreamEvent::More(b""));
    }
    link.push(now, StreamEvent::Reset);
    assert_eq!([(); 3].map(|()| link.pop(now)), [Some(Emitted::End), Some(Emitted::Reset), None]);
    assert_eq!(link.held(), 0);
}

#[test]
fn faults_work_and_speak_in_the_order_in_which_they_are_asked_for() {
    let chunks = at_once(&[b"hello"]);
    let words = |specs: &[&str]| journey(link(specs, 1), &chunks).words;
    assert_eq!(words(&["limit=4", "reset=2"]), ["closed after 4 bytes", "reset after 2 bytes"]);
    assert_eq!(words(&["reset=2", "limit=4"]), ["reset after 2 bytes"]);
}

#[test]
fn an_end_waits_for_the_bytes_before_it() {
    let chunks = at_once(&[b"hello"]);
    for (spec, at) in [
        ("latency=20ms", 20 * MS),
        ("rate=100", 50 * MS),
        ("merge=20ms", 20 * MS),
        ("stall=5:2s", 2_000 * MS),
    ] {
        assert_eq!(journey(link(&[spec], 1), &chunks).last(), &(at, Emitted::End), "{spec}");
    }
}

#[test]
fn two_faults_of_one_kind_have_generators_of_their_own() {
    let chunks = at_once(&[&[0; 10_000]]);
    let both = journey(link(&["corrupt=50%", "corrupt=50%"], 1), &chunks);
    // Were they alike, each bit that one flips the other would flip back.
    assert_ne!(both.bytes(), sent(&chunks));
}

#[test]
fn another_seed_gives_other_cuts() {
    let chunks = at_once(&[&[0; 100]]);
    let cut = |seed| journey(link(&["slice=1..9"], seed), &chunks);
    assert_ne!(cut(1), cut(2));
}

#[test]
fn as_many_faults_as_a_command_line_holds_are_no_danger() {
    let chunks = at_once(&[b"hello"]);
    let journey = journey(link(&vec!["none"; 100_000], 1), &chunks);
    assert_eq!(journey.bytes(), b"hello");
}

proptest! {
    #[test]
    fn the_bytes_that_come_out_are_those_that_went_in_and_none_is_early(
        specs in vec(any_harmless(50 * MS), 0..6),
        chunks in any_chunks(),
        seed: u64,
    ) {
        let journey = journey(Link::new(&specs, seed), &chunks);
        prop_assert_eq!(journey.bytes(), sent(&chunks));
        prop_assert!(journey.emitted.is_sorted_by_key(|&(at, _)| at), "{:?}", journey);
            prop_assert_eq!(journey.ends(), [&Emitted::End]);
        let mut now = Duration::ZERO;
        let pushed = chunks.iter().flat_map(|(gap, chunk)| {
            now += *gap;
            vec![now; chunk.len()]
        });
        let left = journey.chunks().into_iter().flat_map(|(at, chunk)| vec![at; chunk.len()]);
        let left = Vec::from_iter(left);
        prop_assert!(pushed.zip(&left).all(|(pushed, left)| pushed <= *left), "{:?}", journey);
        prop_assert!(now <= journey.last().0);
    }

    #[test]
    fn the_same_seed_gives_the_same_journey(
        specs in vec(any_spec(50 * MS), 0..6),
        chunks in any_chunks(),
        seed: u64,
    ) {
        let once = journey(Link::new(&specs, seed), &chunks);
        prop_assert_eq!(once, journey(Link::new(&specs, seed), &chunks));
    }

    #[test]
    fn whatever_the_faults_there_is_one_end_and_nothing_after_it_goes_back_in_time(
        specs in vec(any_spec(50 * MS), 0..6),
        chunks in any_chunks(),
        seed: u64,
    ) {
        let journey = journey(Link::new(&specs, seed), &chunks);
        prop_assert!(journey.emitted.is_sorted_by_key(|&(at, _)| at), "{:?}", journey);
        let ends = journey.emitted.iter().map(|(_, emitted)| !matches!(emitted, Emitted::Bytes(_)));
        prop_assert!(ends.is_sorted(), "bytes after the end: {:?}", journey);
        prop_assert!(journey.bytes().len() <= sent(&chunks).len());
    }

    #[test]
    fn a_slice_at_the_end_leaves_only_pieces_of_its_sizes(
        mut specs in vec(any_harmless(50 * MS), 0..6),
        (from, more) in (1..20_usize, 0..20_usize),
        chunks in any_chunks(),
        seed: u64,
    ) {
        specs.push(format!("slice={from}..{}", from + more).parse().unwrap());
        let journey = journey(Link::new(&specs, seed), &chunks);
        let longest = journey.chunks().iter().map(|(_, piece)| piece.len()).max();
        prop_assert!(longest.is_none_or(|longest| longest <= from + more), "{:?}", journey);
    }

    #[test]
    fn a_merge_at_the_end_leaves_one_chunk_in_each_window(
        mut specs in vec(any_harmless(50 * MS), 0..6),
        window in 1..50_000_000_u64,
        chunks in any_chunks(),
        seed: u64,
    ) {
        specs.push(format!("merge={window}ns").parse().unwrap());
        let journey = journey(Link::new(&specs, seed), &chunks);
        for pair in journey.chunks().windows(2) {
            prop_assert!(pair[1].0 - pair[0].0 >= Duration::from_nanos(window), "{:?}", journey);
        }
    }
}
