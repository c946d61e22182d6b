//! `rate` takes its time for each byte.

use std::time::Duration;

use fault::stream::Emitted;
use proptest::prelude::*;

use crate::journey::{Journey, MS, any_chunks, at_once, journey, link};

/// The most that leaves at once is what the link carries in this time, or a byte.
const PIECE_TIME: Duration = Duration::from_millis(10);
const NANOS_PER_SECOND: u128 = 1_000_000_000;
const NANO: Duration = Duration::from_nanos(1);

fn through(rate: u64, chunks: &[&[u8]]) -> Journey {
    journey(link(&[&format!("rate={rate}")], 1), &at_once(chunks))
}

#[test]
fn a_mebibyte_takes_a_second_at_a_mebibyte_per_second_and_leaves_little_by_little() {
    let journey = through(1 << 20, &[&[0; 1 << 20]]);
    assert_eq!(journey.last(), &(Duration::from_secs(1), Emitted::End));
    let chunks = journey.chunks();
    assert!(chunks.iter().all(|(_, piece)| piece.len() <= (1 << 20) / 100));
    assert_eq!(chunks.len(), 101);
    assert!(chunks[0].0.abs_diff(PIECE_TIME) < MS, "{:?}", chunks[0].0);
}

#[test]
fn a_byte_at_least_leaves_at_once_however_slow_the_link() {
    let journey = through(1, &[b"abc"]);
    let at = |seconds| Duration::from_secs(seconds);
    assert_eq!(journey.chunks(), [(at(1), &b"a"[..]), (at(2), b"b"), (at(3), b"c")]);
}

#[test]
fn a_link_that_was_idle_has_saved_no_time_up() {
    let chunks = vec![(MS, vec![0; 10]), (MS * 1_000, vec![0; 10])];
    let journey = journey(link(&["rate=1000"], 1), &chunks);
    let times = Vec::from_iter(journey.emitted.iter().map(|(at, _)| *at));
    assert_eq!(times, [11 * MS, 1_011 * MS, 1_011 * MS]);
}

proptest! {
    #[test]
    fn what_is_sent_at_once_takes_its_bytes_divided_by_the_rate(
        rate in prop_oneof![1..1_000_u64, 1..u64::MAX],
        chunks in proptest::collection::vec(proptest::collection::vec(0_u8.., 0..500), 1..5),
    ) {
        let bytes = chunks.concat().len() as u128;
        let journey = through(rate, &chunks.iter().map(|chunk| &chunk[..]).collect::<Vec<_>>());
        let took = journey.last().0.as_nanos();
        let rate = u128::from(rate);
        prop_assert!(took * rate >= bytes * NANOS_PER_SECOND, "{took} ns are too few");
        prop_assert!(bytes == 0 || (took - 1) * rate < bytes * NANOS_PER_SECOND, "{took} ns are too many");
    }

    #[test]
    fn no_piece_leaves_before_its_bytes_have_had_their_time(
        rate in 1..1_000_000_u64,
        chunks in any_chunks(),
    ) {
        let journey = journey(link(&[&format!("rate={rate}")], 1), &chunks);
        let mut free = Duration::ZERO;
        for (at, piece) in journey.chunks() {
            let time = Duration::from_secs_f64(piece.len() as f64 / rate as f64);
            prop_assert!(at + 2 * NANO >= free + time, "{:?}", journey);
            prop_assert!(piece.len() == 1 || time <= PIECE_TIME, "{:?}", journey);
            free = at;
        }
    }
}
