//! Forces the order of a play: the two ends take turns.
//!
//! The sender has the turn first. It hands it over where the plan says that the reader reads, and the
//! reader hands it back when it asks for more than has been sent. Once the sender has ended the stream,
//! the reader keeps it.

use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use trace::{Call, Gate, Lane};

use crate::comparison::SERVER;
use crate::sequencer::{Sequencer, unread};

/// Whose turn it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    Sender,
    Reader,
    /// The reader's, until the end of the stream.
    ReaderToTheEnd,
    /// The reader has gone: the sender is alone.
    SenderAlone,
}

/// Lets each end make a call when it has the turn.
pub(super) struct Turns {
    sequencer: Arc<Sequencer>,
    turn: Mutex<Turn>,
    changed: Condvar,
}

impl Turns {
    pub(super) fn new(sequencer: Arc<Sequencer>) -> Turns {
        Turns { sequencer, turn: Mutex::new(Turn::Sender), changed: Condvar::new() }
    }

    /// Lets the reader read until it asks for more than there is.
    pub(super) fn let_reader_read(&self) -> io::Result<()> {
        let mut turn = self.turn();
        if *turn == Turn::SenderAlone {
            return Ok(());
        }
        *turn = Turn::Reader;
        self.changed.notify_all();
        self.wait(turn, |turn| turn != Turn::Reader).map(drop)
    }

    /// Lets the reader read to the end of the stream.
    pub(super) fn stream_has_ended(&self) {
        *self.turn() = Turn::ReaderToTheEnd;
        self.changed.notify_all();
    }

    /// Nobody will read any more.
    pub(super) fn reader_has_gone(&self) {
        *self.turn() = Turn::SenderAlone;
        self.changed.notify_all();
    }

    fn turn(&self) -> MutexGuard<'_, Turn> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(
        &self,
        mut turn: MutexGuard<'a, Turn>,
        until: impl Fn(Turn) -> bool,
    ) -> io::Result<MutexGuard<'a, Turn>> {
        while !until(*turn) {
            let waited = self.changed.wait_timeout(turn, self.sequencer.longest_wait()?);
            turn = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        Ok(turn)
    }
}

impl Gate for Turns {
    fn before(&self, lane: &Lane, call: Call) -> io::Result<()> {
        self.sequencer.limit_write(lane)?;
        if let (SERVER, Call::Recv(_)) = (&**lane, call) {
            let nothing =
                self.sequencer.recorder.with_events(|events| unread(events, SERVER).is_empty());
            let mut turn = self.turn();
            if *turn == Turn::Reader && nothing {
                *turn = Turn::Sender;
                self.changed.notify_all();
            }
            drop(self.wait(turn, |turn| turn != Turn::Sender)?);
        }
        self.sequencer.look()
    }
}
