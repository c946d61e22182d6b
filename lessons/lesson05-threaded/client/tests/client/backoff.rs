//! The pauses between tries: this lesson's, and those of `endpoint` that later lessons call.

use std::time::Duration;

use fastrand::Rng;
use lesson05_client::Backoff;
use proptest::prelude::*;

const FIRST: Duration = Duration::from_millis(100);
const MAX: Duration = Duration::from_secs(5);

#[test]
fn each_pause_is_twice_as_long_until_it_is_as_long_as_it_may_be() {
    let pauses: Vec<u128> = Backoff::new(FIRST, MAX, 8).map(|pause| pause.as_millis()).collect();
    assert_eq!(pauses, [100, 200, 400, 800, 1600, 3200, 5000, 5000]);
}

#[test]
fn no_pause_is_above_the_longest_one_even_if_the_first_would_be() {
    let pauses: Vec<Duration> = Backoff::new(MAX, FIRST, 2).collect();
    assert_eq!(pauses, [FIRST; 2]);
}

#[test]
fn an_answer_begins_the_pauses_anew() {
    let mut pauses = Backoff::new(FIRST, MAX, 3);
    assert_eq!(pauses.by_ref().count(), 3);
    assert_eq!((pauses.next(), pauses.taken()), (None, 3));
    pauses.reset();
    assert_eq!((pauses.next(), pauses.taken()), (Some(FIRST), 1));
}

#[test]
fn a_million_tries_in_a_row_overflow_nothing() {
    let random = Rng::with_seed(1);
    let huge = Backoff::new(Duration::MAX, Duration::MAX, 3).with_jitter(random.clone());
    assert_eq!(huge.collect::<Vec<_>>(), [Duration::MAX; 3]);
    let longest = Backoff::new(FIRST, MAX, 1_000_000).with_jitter(random).max().unwrap();
    assert!(longest >= MAX && longest <= MAX * 5 / 4, "{longest:?}");
}

#[test]
fn chance_makes_a_pause_longer_by_up_to_a_quarter_and_two_clients_differ() {
    let plain: Vec<Duration> = Backoff::new(FIRST, MAX, 20).collect();
    let of_client = |seed| -> Vec<Duration> {
        Backoff::new(FIRST, MAX, 20).with_jitter(Rng::with_seed(seed)).collect()
    };
    for seed in 0..100 {
        for (pause, plain) in of_client(seed).into_iter().zip(&plain) {
            assert!(pause >= *plain && pause <= *plain * 5 / 4, "{pause:?} instead of {plain:?}");
        }
    }
    assert_eq!(of_client(1), of_client(1));
    assert_ne!(of_client(1), of_client(2));
}

proptest! {
    /// What the tests above say of this lesson's pauses is so true of those in `endpoint`.
    #[test]
    fn the_pauses_that_later_lessons_call_are_the_same(
        first in any::<Duration>(),
        max in any::<Duration>(),
        limit in 0_u32..100,
        reset_after in 0_usize..100,
        seed in any::<Option<u64>>(),
    ) {
        let mut here = Backoff::new(first, max, limit);
        let mut there = endpoint::Backoff::new(first, max, limit);
        if let Some(seed) = seed {
            here = here.with_jitter(Rng::with_seed(seed));
            there = there.with_jitter(Rng::with_seed(seed));
        }
        for _ in 0..reset_after {
            prop_assert_eq!(here.next(), there.next());
        }
        prop_assert_eq!((here.taken(), here.limit()), (there.taken(), there.limit()));
        here.reset();
        there.reset();
        prop_assert!(here.eq(there));
    }
}
