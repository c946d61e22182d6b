//! Room for one.

use std::thread;
use std::time::Duration;

use lesson07_shared::slot::{Disconnected, slot};

const NO_WAIT: Duration = Duration::ZERO;
const LONG: Duration = Duration::from_secs(600);

#[test]
fn the_newest_wins_and_what_it_replaces_is_given_back() {
    let (sender, receiver) = slot();
    let dropped: Vec<_> = (1..=3).map(|number| sender.put(number, NO_WAIT)).collect();
    assert_eq!(dropped, [Ok(None), Ok(Some(1)), Ok(Some(2))]);
    assert_eq!(receiver.channel().recv(), Ok(3));
    assert_eq!(sender.put(4, NO_WAIT), Ok(None));
}

#[test]
fn the_last_item_can_be_taken_after_the_sender_was_dropped_and_then_there_are_no_more() {
    let (sender, receiver) = slot();
    sender.put(1, NO_WAIT).unwrap();
    drop(sender);
    assert_eq!(receiver.channel().iter().collect::<Vec<_>>(), [1]);
}

#[test]
fn a_receiver_that_was_dropped_is_noticed_whether_there_is_room_or_not() {
    let (sender, receiver) = slot();
    sender.put(1, NO_WAIT).unwrap();
    drop(receiver);
    assert_eq!(sender.put(2, NO_WAIT), Err(Disconnected));
    assert_eq!(sender.put(3, LONG), Err(Disconnected));
}

#[test]
fn a_sender_that_waits_loses_nothing_to_a_receiver_that_comes() {
    let (sender, receiver) = slot();
    let taker = thread::spawn(move || receiver.channel().iter().collect::<Vec<u32>>());
    for number in 0..1000 {
        assert_eq!(sender.put(number, LONG), Ok(None));
    }
    drop(sender);
    assert_eq!(taker.join().unwrap(), (0..1000).collect::<Vec<_>>());
}

#[test]
fn between_two_threads_nothing_is_lost_uncounted_and_the_order_is_kept() {
    let (sender, receiver) = slot();
    let taker = thread::spawn(move || receiver.channel().iter().collect::<Vec<u32>>());
    let mut dropped = 0;
    for number in 0..100_000 {
        dropped += usize::from(sender.put(number, NO_WAIT).unwrap().is_some());
    }
    drop(sender);
    let taken = taker.join().unwrap();
    assert_eq!(taken.len() + dropped, 100_000);
    assert!(taken.is_sorted(), "an older one after a newer one");
    assert_eq!(taken.last(), Some(&99_999), "the newest of all");
}
