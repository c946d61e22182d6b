//! The pauses between tries.

use std::time::Duration;

use fastrand::Rng;
use lesson05_client::Backoff;

const FIRST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(5);

#[test]
fn each_pause_is_twice_as_long_until_it_is_as_long_as_it_may_be() {
    let pauses: Vec<u128> =
        Backoff::new(FIRST, LONGEST, 8).map(|pause| pause.as_millis()).collect();
    assert_eq!(pauses, [100, 200, 400, 800, 1600, 3200, 5000, 5000]);
}

#[test]
fn no_pause_is_above_the_longest_one_even_if_the_first_would_be() {
    let pauses: Vec<Duration> = Backoff::new(LONGEST, FIRST, 2).collect();
    assert_eq!(pauses, [FIRST; 2]);
}

#[test]
fn an_answer_begins_the_pauses_anew() {
    let mut pauses = Backoff::new(FIRST, LONGEST, 3);
    assert_eq!(pauses.by_ref().count(), 3);
    assert_eq!((pauses.next(), pauses.taken()), (None, 3));
    pauses.reset();
    assert_eq!((pauses.next(), pauses.taken()), (Some(FIRST), 1));
}

#[test]
fn a_million_tries_in_a_row_overflow_nothing() {
    let random = Rng::with_seed(1);
    let huge = Backoff::new(Duration::MAX, Duration::MAX, 3).spread(random.clone());
    assert_eq!(huge.collect::<Vec<_>>(), [Duration::MAX; 3]);
    let longest = Backoff::new(FIRST, LONGEST, 1_000_000).spread(random).max().unwrap();
    assert!(longest >= LONGEST && longest <= LONGEST * 5 / 4, "{longest:?}");
}

#[test]
fn chance_makes_a_pause_longer_by_up_to_a_quarter_and_two_clients_differ() {
    let plain: Vec<Duration> = Backoff::new(FIRST, LONGEST, 20).collect();
    let of_client = |seed| -> Vec<Duration> {
        Backoff::new(FIRST, LONGEST, 20).spread(Rng::with_seed(seed)).collect()
    };
    for seed in 0..100 {
        for (pause, plain) in of_client(seed).into_iter().zip(&plain) {
            assert!(pause >= *plain && pause <= *plain * 5 / 4, "{pause:?} instead of {plain:?}");
        }
    }
    assert_eq!(of_client(1), of_client(1));
    assert_ne!(of_client(1), of_client(2));
}
