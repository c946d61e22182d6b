//! The slot, and a film that is received in one thread and shown in another.

use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, bounded, unbounded};
use lesson07_server::figures::Figures;
use lesson07_server::film;
use lesson07_server::slot::{Gone, slot};
use lesson07_server::view::View;

use super::*;

const AT_ONCE: Duration = Duration::ZERO;

#[test]
fn the_slot_keeps_the_newest_and_hands_back_what_had_to_go() {
    let (slot, newest) = slot();
    assert_eq!(slot.put(1, AT_ONCE), Ok(None));
    assert_eq!(slot.put(2, AT_ONCE), Ok(Some(1)));
    assert_eq!(slot.put(3, AT_ONCE), Ok(Some(2)));
    assert_eq!(newest.receiver().try_recv(), Ok(3));
    assert_eq!(slot.put(4, AT_ONCE), Ok(None));
    drop(slot);
    assert_eq!(newest.receiver().iter().collect::<Vec<_>>(), [4], "the last one is still there");
}

#[test]
fn who_puts_into_a_slot_learns_that_nobody_takes_any_more() {
    let (slot, newest) = slot();
    drop(newest);
    assert_eq!(slot.put(1, AT_ONCE), Err(Gone));
}

#[test]
fn nothing_is_lost_unseen_between_two_threads() {
    let (slot, newest) = slot();
    let taker = std::thread::spawn(move || newest.receiver().iter().collect::<Vec<u32>>());
    let dropped = (0..100_000).filter_map(|n| slot.put(n, AT_ONCE).unwrap()).count();
    drop(slot);
    let taken = taker.join().unwrap();
    assert_eq!(taken.len() + dropped, 100_000);
    assert!(taken.is_sorted(), "an older one came after a newer one");
    assert_eq!(taken.last(), Some(&99_999));
}

/// Says what it has begun to show, and goes on when it is told to.
struct Slow {
    begun: Sender<u64>,
    go: Receiver<()>,
    broken: Option<u64>,
}

impl View for Slow {
    fn show(&mut self, picture: &Arc<Picture>) -> Result<(), Error> {
        let sequence = picture.sequence;
        self.begun.send(sequence).unwrap();
        // When the test has dropped its end, nothing is to be waited for.
        _ = self.go.recv();
        match self.broken {
            Some(broken) if broken == sequence => {
                Err(Error::Undecodable { sequence, reason: "as it was to be".to_owned() })
            }
            _ => Ok(()),
        }
    }
}

fn picture(sequence: u64) -> Picture {
    Picture { sequence, captured: None, size: (1, 1), jpeg: vec![0; 10] }
}

#[test]
fn while_one_frame_is_shown_only_the_newest_of_the_others_waits() {
    let (begun, showing) = unbounded();
    let (finish, go) = bounded(0);
    let mut view = Slow { begun, go, broken: None };
    let figures = Figures::new().unwrap();
    figures.begin();
    let outcome = film(&mut view, &figures, |take| {
        take(picture(1))?;
        assert_eq!(showing.recv(), Ok(1));
        for sequence in 2..=6 {
            take(picture(sequence))?;
        }
        drop(finish);
        Ok(())
    });
    outcome.unwrap();
    assert_eq!(showing.try_iter().collect::<Vec<_>>(), [6], "shown after the first");
    let film = figures.end();
    assert_eq!((film.received, film.shown, film.dropped), (6, 2, 4));
}

#[test]
fn a_frame_that_cannot_be_shown_ends_the_conversation_and_is_the_reason() {
    let (begun, _showing) = unbounded();
    let (finish, go) = bounded(0);
    drop(finish);
    let mut view = Slow { begun, go, broken: Some(3) };
    let mut sent = 0;
    let outcome = film(&mut view, &Figures::new().unwrap(), |take| {
        loop {
            sent += 1;
            take(picture(sent.min(3)))?;
            std::thread::yield_now();
        }
    });
    let error = outcome.unwrap_err();
    assert!(matches!(error, Error::Undecodable { sequence: 3, .. }), "{error:?}");
}
