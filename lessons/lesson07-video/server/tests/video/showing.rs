//! A film that is received in one thread and shown in another.

use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender, bounded, unbounded};
use lesson07_server::figures::Figures;
use lesson07_server::film;
use lesson07_server::view::View;

use super::*;

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
