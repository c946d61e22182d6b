//! What all connections of an event loop share.

use std::time::Instant;

use crate::observer::Observer;
use crate::pipe::Pipes;

/// The most that one recv takes, and so the most that waits for a receiver in memory, in bytes.
pub(crate) const RECEIVE_BUFFER: usize = 64 << 10;

/// What all connections of an event loop share.
pub(crate) struct LoopContext<'a> {
    pub(crate) observer: &'a mut dyn Observer,
    /// Whether the observer is told of the bytes.
    pub(crate) observes_bytes: bool,
    /// One buffer is enough: what a recv brings is sent, copied or handed to faults before the next.
    pub(crate) buffer: Vec<u8>,
    pub(crate) pipes: Pipes,
    /// The time of this turn.
    pub(crate) now: Instant,
}
