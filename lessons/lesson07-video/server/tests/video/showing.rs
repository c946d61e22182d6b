//! A film that is received in one thread and shown in another.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use crossbeam_channel::{bounded, unbounded};
use lesson07_server::{FilmObserver, film};
use video::{Jpeg, JpegError};

use super::*;

/// Counts frames.
#[derive(Default)]
struct Counters {
    received: AtomicU32,
    shown: AtomicU32,
    dropped: AtomicU32,
}

impl FilmObserver for Counters {
    fn received(&self, _: &Picture) {
        self.received.fetch_add(1, Relaxed);
    }
    fn dropped(&self) {
        self.dropped.fetch_add(1, Relaxed);
    }
    fn shown(&self, _: &Picture) {
        self.shown.fetch_add(1, Relaxed);
    }
}

fn picture(sequence: u64) -> Picture {
    let jpeg = Jpeg { width: 1, height: 1, bytes: vec![0; 10] };
    Picture { sequence, captured: None, jpeg: Arc::new(jpeg) }
}

#[test]
fn while_one_frame_is_shown_only_the_newest_of_the_others_waits() {
    let (begun, showing) = unbounded();
    let (finish, go) = bounded::<()>(0);
    let mut show = |picture: &Picture| {
        begun.send(picture.sequence).unwrap();
        // When the test has dropped its end, nothing is to be waited for.
        _ = go.recv();
        Ok(())
    };
    let counters = Counters::default();
    let outcome = film(&mut show, &counters, |take| {
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
    let counted = [&counters.received, &counters.shown, &counters.dropped];
    assert_eq!(counted.map(|counter| counter.load(Relaxed)), [6, 2, 4]);
}

#[test]
fn a_frame_that_cannot_be_shown_ends_the_conversation_and_is_the_reason() {
    let mut show = |picture: &Picture| match picture.sequence {
        sequence @ 3 => {
            let source = JpegError::Undecodable("as it was to be".to_owned());
            Err(Error::Jpeg { sequence, source })
        }
        _ => Ok(()),
    };
    let mut sent = 0;
    let outcome = film(&mut show, &Counters::default(), |take| {
        loop {
            sent += 1;
            take(picture(sent.min(3)))?;
            std::thread::yield_now();
        }
    });
    let error = outcome.unwrap_err().to_string();
    assert_eq!(error, "frame 3 cannot be decoded: as it was to be");
}
