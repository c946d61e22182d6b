//! What a fault does to a stream: it takes one event after the other, and says what leaves and when.

use std::time::{Duration, Instant};

/// What enters or leaves a fault, in one direction of one connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StreamEvent<'a> {
    /// A chunk, which leaves in a write of its own.
    Bytes(&'a [u8]),
    /// More of the chunk before, which leaves in the same write if it is due at the same time.
    More(&'a [u8]),
    /// The orderly end of this direction (half-close).
    End,
    /// The connection is torn down.
    Reset,
}

impl<'a> StreamEvent<'a> {
    /// The bytes; `None` for an end or a reset.
    pub fn bytes(self) -> Option<&'a [u8]> {
        match self {
            StreamEvent::Bytes(bytes) | StreamEvent::More(bytes) => Some(bytes),
            StreamEvent::End | StreamEvent::Reset => None,
        }
    }

    /// The same event with other bytes; an end or a reset stays as it is.
    pub fn with(self, bytes: &[u8]) -> StreamEvent<'_> {
        match self {
            StreamEvent::Bytes(_) => StreamEvent::Bytes(bytes),
            StreamEvent::More(_) => StreamEvent::More(bytes),
            StreamEvent::End => StreamEvent::End,
            StreamEvent::Reset => StreamEvent::Reset,
        }
    }
}

/// Takes what leaves a fault, and when it is due.
pub type Deliver<'a> = &'a mut dyn FnMut(Instant, StreamEvent<'_>);

/// A change to a stream, in one direction of one connection.
///
/// A fault never waits and never touches a socket: it says when.
pub trait Fault: Send {
    /// Takes the next event, which is to leave at `due`, and calls `deliver` with what is to leave
    /// instead, and when: never earlier, and in order. `due` never goes back.
    ///
    /// Returns in words what it did (`closed after 100 bytes`, `flipped a bit of byte 4711`), or
    /// `None`. A fault that does the same to all that passes, such as a latency, returns `None`
    /// too.
    fn pass(
        &mut self,
        due: Instant,
        event: StreamEvent<'_>,
        deliver: Deliver<'_>,
    ) -> Option<String>;

    /// For how long at most it holds what passes at full rate, as a long line does.
    fn delay(&self) -> Duration {
        Duration::ZERO
    }

    /// How many bytes per second it lets through; `None` if it does not care.
    fn rate(&self) -> Option<u64> {
        None
    }
}

/// What comes out of a [`Link`](super::Link).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Emitted {
    /// A chunk, to be written at once; never an empty one.
    Bytes(Vec<u8>),
    /// The orderly end of this direction (half-close). Nothing follows but perhaps a reset.
    End,
    /// The connection is to be torn down. Nothing follows.
    Reset,
}
