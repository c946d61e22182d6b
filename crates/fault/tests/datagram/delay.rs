//! `delay` has every datagram come later.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::fates::{MS, fates};

fn delays(fault: &str, count: usize) -> Vec<Duration> {
    fates(fault, count).into_iter().flat_map(|fate| fate.delays).collect()
}

#[test]
fn a_delay_from_and_to_the_same_is_constant_and_not_worth_a_word() {
    for fate in fates("delay=20ms", 100) {
        assert_eq!((fate.delays, fate.words), (vec![20 * MS], None));
    }
}

#[test]
fn both_ends_of_a_range_and_all_between_them_are_possible() {
    let seen: BTreeSet<u128> =
        delays("delay=10ns..13ns", 1_000).iter().map(Duration::as_nanos).collect();
    assert_eq!(seen, BTreeSet::from([10, 11, 12, 13]));
}

#[test]
fn the_delays_of_a_range_are_spread_evenly() {
    let mut tenths = [0; 10];
    for delay in delays("delay=10ms..30ms", 100_000) {
        assert!((10 * MS..=30 * MS).contains(&delay), "{delay:?}");
        let tenth = usize::try_from((delay - 10 * MS).as_millis() / 2).unwrap();
        tenths[tenth.min(9)] += 1;
    }
    assert!(tenths.iter().all(|count| (9_400..=10_600).contains(count)), "{tenths:?}");
}

#[test]
fn each_delay_of_a_range_is_told() {
    for fate in fates("delay=0s..2ms", 100) {
        let words = fate.words.unwrap();
        let told = words.strip_prefix("is delayed by ").and_then(|w| w.strip_suffix(" ms"));
        let told: f64 = told.unwrap().parse().unwrap();
        let delay = fate.delays[0].as_secs_f64() * 1e3;
        assert!((told - delay).abs() < 0.001, "{words} {delay}");
    }
}
