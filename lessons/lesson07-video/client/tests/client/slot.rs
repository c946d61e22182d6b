//! Room for one.

use std::thread;
use std::time::Duration;

use lesson07_client::slot::{Gone, slot};

const AT_ONCE: Duration = Duration::ZERO;

#[test]
fn the_newest_wins_and_what_it_replaces_is_given_back() {
    let (put, newest) = slot();
    let back: Vec<_> = (1..=3).map(|number| put.put(number, AT_ONCE)).collect();
    assert_eq!(back, [Ok(None), Ok(Some(1)), Ok(Some(2))]);
    assert_eq!(newest.receiver().recv(), Ok(3));
    assert_eq!(put.put(4, AT_ONCE), Ok(None));
}

#[test]
fn what_is_in_it_is_there_after_the_giver_has_gone_and_then_there_is_no_more() {
    let (put, newest) = slot();
    put.put(1, AT_ONCE).unwrap();
    drop(put);
    assert_eq!(newest.receiver().iter().collect::<Vec<_>>(), [1]);
}

#[test]
fn a_taker_that_has_gone_is_noticed_whether_there_is_room_or_not() {
    let (put, newest) = slot();
    put.put(1, AT_ONCE).unwrap();
    drop(newest);
    assert_eq!(put.put(2, AT_ONCE), Err(Gone));
    assert_eq!(put.put(3, Duration::from_secs(600)), Err(Gone));
}

#[test]
fn who_is_patient_loses_nothing_to_a_taker_that_comes() {
    let (put, newest) = slot();
    let taker = thread::spawn(move || newest.receiver().iter().collect::<Vec<u32>>());
    for number in 0..1000 {
        assert_eq!(put.put(number, Duration::from_secs(600)), Ok(None));
    }
    drop(put);
    assert_eq!(taker.join().unwrap(), (0..1000).collect::<Vec<_>>());
}

#[test]
fn two_threads_lose_nothing_but_what_is_counted_and_turn_nothing_round() {
    let (put, newest) = slot();
    let taker = thread::spawn(move || newest.receiver().iter().collect::<Vec<u32>>());
    let mut dropped = 0;
    for number in 0..100_000 {
        dropped += usize::from(put.put(number, AT_ONCE).unwrap().is_some());
    }
    drop(put);
    let taken = taker.join().unwrap();
    assert_eq!(taken.len() + dropped, 100_000);
    assert!(taken.is_sorted(), "an older one after a newer one");
    assert_eq!(taken.last(), Some(&99_999), "the newest of all");
}
