//! `slice` cuts chunks into pieces, and a reader of sliced reads meets such pieces.

use std::io::Read;

use fault::{Sizes, SlicedReads};
use proptest::prelude::*;

use crate::journey::{any_chunks, at_once, journey, link, sent};

#[test]
fn listed_sizes_come_in_turn_and_the_last_one_repeats() {
    let mut sizes = Sizes::listed(vec![2, 0, 3]);
    assert_eq!([(); 5].map(|()| sizes.next_size()), [2, 1, 3, 3, 3]);
}

#[test]
fn the_last_piece_of_a_chunk_may_be_shorter() {
    let journey = journey(link(&["slice=2"], 1), &at_once(&[b"hello", b"feng"]));
    let pieces = Vec::from_iter(journey.chunks().into_iter().map(|(_, piece)| piece));
    assert_eq!(pieces, [&b"he"[..], b"ll", b"o", b"fe", b"ng"]);
}

#[test]
fn a_sliced_read_leaves_the_rest_where_it_is() {
    let mut inside = &b"hello"[..];
    let mut buffer = [0; 5];
    assert_eq!(SlicedReads::new(&mut inside, Sizes::every(2)).read(&mut buffer).unwrap(), 2);
    assert_eq!(inside, b"llo");
}

proptest! {
    #[test]
    fn the_pieces_of_a_random_size_are_the_bytes_that_were_sent(
        chunks in any_chunks(),
        most in 1_usize..20,
        seed: u64,
    ) {
        let journey = journey(link(&[&format!("slice=1..{most}")], seed), &chunks);
        let mut lengths = journey.chunks().into_iter().map(|(_, piece)| piece.len());
        prop_assert!(lengths.all(|length| (1..=most).contains(&length)), "{:?}", journey);
        prop_assert_eq!(journey.bytes(), sent(&chunks));
    }

    #[test]
    fn the_same_seed_gives_the_same_sizes(seed: u64) {
        let sizes = || {
            let mut sizes = Sizes::random(9, seed);
            Vec::from_iter((0..100).map(|_| sizes.next_size()))
        };
        prop_assert_eq!(sizes(), sizes());
    }
}
