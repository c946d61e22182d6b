//! Where there is no splice(2), there are no pipes to be had, and every byte is copied.

use std::io;
use std::time::Instant;

use crate::peer::PeerSocket;

/// No value of this type exists.
pub(crate) enum Pipe {}

impl Pipe {
    pub(crate) fn held(&self) -> usize {
        match *self {}
    }

    pub(crate) fn fill(&mut self, _from: &mut PeerSocket) -> io::Result<usize> {
        match *self {}
    }

    pub(crate) fn drain(&mut self, _to: &mut PeerSocket) -> io::Result<usize> {
        match *self {}
    }
}

/// No pipes.
#[derive(Default)]
pub(crate) struct Pipes;

impl Pipes {
    pub(crate) fn take(&mut self, _now: Instant) -> Option<Pipe> {
        None
    }

    pub(crate) fn give_back(&mut self, pipe: Pipe) {
        match pipe {}
    }

    pub(crate) fn clear(&mut self) {}
}
