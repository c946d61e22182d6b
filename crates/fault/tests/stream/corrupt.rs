//! `corrupt` flips bits.

use proptest::prelude::*;

use crate::journey::{Journey, any_chunks, at_once, journey, link, sent};

/// How many bits differ in each byte.
fn flips(sent: &[u8], journey: &Journey) -> Vec<u32> {
    assert_eq!(journey.bytes().len(), sent.len());
    sent.iter().zip(journey.bytes()).map(|(sent, came)| (sent ^ came).count_ones()).collect()
}

fn journey_of_zeros(spec: &str, count: usize) -> Journey {
    journey(link(&[spec], 1), &at_once(&[&vec![0; count]]))
}

#[test]
fn as_many_bytes_as_were_asked_for_have_one_bit_flipped() {
    let journey = journey_of_zeros("corrupt=30%", 100_000);
    let flips = flips(&[0; 100_000], &journey);
    assert!(flips.iter().all(|flips| *flips <= 1));
    let hit = flips.iter().sum::<u32>();
    assert!((29_000..=31_000).contains(&hit), "{hit} of 100,000 at 30%");
    for bit in 0..8 {
        let hit = journey.bytes().iter().filter(|byte| **byte == 1 << bit).count();
        assert!((3_300..=4_200).contains(&hit), "bit {bit} was flipped {hit} times");
    }
}

#[test]
fn never_is_never_and_always_is_always() {
    let never = journey_of_zeros("corrupt=0%", 1_000);
    assert_eq!((never.bytes(), &never.words[..]), (vec![0; 1_000], &[][..]));
    let always = journey_of_zeros("corrupt=100%", 1_000);
    assert_eq!(flips(&[0; 1_000], &always), [1; 1_000]);
    assert_eq!(always.words, ["flipped a bit in each of 1000 bytes, the first of them byte 0"]);
}

#[test]
fn the_byte_that_is_named_is_the_one_that_was_hit() {
    let chunks: Vec<&[u8]> = vec![&[0; 1]; 1_000];
    let journey = journey(link(&["corrupt=1%"], 1), &at_once(&chunks));
    let came = journey.bytes();
    let hit = (0..1_000).filter(|place| came[*place] != 0);
    let words = Vec::from_iter(hit.map(|place| format!("flipped a bit of byte {place}")));
    assert!(!words.is_empty());
    assert_eq!(journey.words, words);
}

proptest! {
    #[test]
    fn the_same_bits_are_flipped_however_the_bytes_are_cut(
        chunks in any_chunks(),
        percent in 0.0..=100.0,
        seed: u64,
    ) {
        let link = || link(&[&format!("corrupt={percent}%")], seed);
        let sent = sent(&chunks);
        let cut = journey(link(), &chunks);
        prop_assert!(flips(&sent, &cut).iter().all(|flips| *flips <= 1));
        prop_assert_eq!(cut.bytes(), journey(link(), &at_once(&[&sent])).bytes());
    }
}
