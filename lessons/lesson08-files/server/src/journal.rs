//! The server's line for each request.

use std::fmt::Display;

use console::Log;
use endpoint::{Progress, Stop};
use trace::Observer;

use crate::Error;

/// Hears where messages end, and in plain words what became of each request.
pub trait Witness: Observer {
    /// This has happened.
    fn note(&mut self, what: &dyn Display);

    /// Whether somebody still waits for what takes long.
    fn goes_on(&self) -> bool {
        true
    }
}

/// Writes a line for each request. The headers themselves, and the pieces of a file, would be too
/// many lines for a person; `--trace` shows them.
#[derive(Debug)]
pub struct Journal {
    log: Log,
    progress: Progress,
    stop: Stop,
}

impl Journal {
    /// For a client that has been admitted.
    pub fn new(log: Log, progress: Progress, stop: Stop) -> Journal {
        Journal { log, progress, stop }
    }

    /// Writes that the conversation has ended, and why.
    pub fn closed(self, outcome: Result<(), Error>) {
        match outcome {
            Err(Error::Refused) => self.log.closed_by_server(),
            Err(Error::Stream(error)) => self.log.closed(&Err(error)),
            Ok(()) => self.log.closed(&Ok::<_, wire::Error>(())),
        }
    }
}

impl Witness for Journal {
    fn note(&mut self, what: &dyn Display) {
        self.log.note(what);
    }

    fn goes_on(&self) -> bool {
        !self.stop.is_abandoned()
    }
}

impl Observer for Journal {
    fn received(&mut self, message: &[u8]) {
        self.progress.received(message);
    }

    fn sent(&mut self, message: &[u8]) {
        self.progress.sent(message);
    }

    fn advanced(&mut self) {
        self.progress.advanced();
    }
}

/// Hears and forgets.
impl Witness for () {
    fn note(&mut self, _: &dyn Display) {}
}
