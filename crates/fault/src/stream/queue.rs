//! Events of a stream in a row, each with the time at which it leaves.

use std::collections::VecDeque;
use std::time::Instant;

use super::fault::{Emitted, StreamEvent};

/// How many bytes leave in one write when all are to leave at once.
const LONG_PIECE: usize = 64 << 10;

/// The most bytes for which an empty queue keeps the memory.
const MAX_KEPT: usize = 1 << 20;

/// All bytes lie in one buffer, so that a stream in pieces of one byte costs a few bytes for each,
/// and not an allocation.
#[derive(Debug, Default)]
pub(crate) struct EventQueue {
    bytes: VecDeque<u8>,
    events: VecDeque<(Instant, Queued)>,
}

/// An event, with the number of its bytes in place of these.
#[derive(Debug, Clone, Copy)]
enum Queued {
    Bytes(usize),
    More(usize),
    End,
    Reset,
}

impl Queued {
    fn is_bytes(self) -> bool {
        matches!(self, Queued::Bytes(_) | Queued::More(_))
    }
}

impl EventQueue {
    /// Adds an event at the end. [`StreamEvent::More`] joins the bytes before it if these have not
    /// left and are due at the same time. Without bytes, neither of the two is an event.
    pub(crate) fn add(&mut self, due: Instant, event: StreamEvent<'_>) {
        let bytes = event.bytes().unwrap_or_default();
        self.bytes.extend(bytes);
        let queued = match event {
            StreamEvent::Bytes([]) | StreamEvent::More([]) => return,
            StreamEvent::Bytes(_) => Queued::Bytes(bytes.len()),
            StreamEvent::More(_) => match self.events.back_mut() {
                Some((last, Queued::Bytes(length) | Queued::More(length))) if *last == due => {
                    *length += bytes.len();
                    return;
                }
                _ => Queued::More(bytes.len()),
            },
            StreamEvent::End => Queued::End,
            StreamEvent::Reset => Queued::Reset,
        };
        self.events.push_back((due, queued));
    }

    /// Hands over all events in order.
    pub(crate) fn for_each(mut self, mut hand: impl FnMut(Instant, StreamEvent<'_>)) {
        let mut rest: &[u8] = self.bytes.make_contiguous();
        let mut take = |length: usize| {
            let (bytes, after) = rest.split_at(length.min(rest.len()));
            rest = after;
            bytes
        };
        for (due, queued) in self.events {
            match queued {
                Queued::Bytes(length) => hand(due, StreamEvent::Bytes(take(length))),
                Queued::More(length) => hand(due, StreamEvent::More(take(length))),
                Queued::End => hand(due, StreamEvent::End),
                Queued::Reset => hand(due, StreamEvent::Reset),
            }
        }
    }

    /// Takes the first event.
    pub(crate) fn pop(&mut self) -> Option<Emitted> {
        let (_, queued) = self.events.pop_front()?;
        let emitted = match queued {
            Queued::Bytes(length) | Queued::More(length) => Emitted::Bytes(self.take(length)),
            Queued::End => Emitted::End,
            Queued::Reset => Emitted::Reset,
        };
        if self.events.is_empty() && self.bytes.capacity() > MAX_KEPT {
            *self = EventQueue::default();
        }
        Some(emitted)
    }

    /// Takes the first bytes. To copy them one by one would take ten times as long.
    fn take(&mut self, length: usize) -> Vec<u8> {
        let length = length.min(self.bytes.len());
        let mut taken = Vec::with_capacity(length);
        let (front, back) = self.bytes.as_slices();
        for part in [front, back] {
            let more = part.len().min(length - taken.len());
            taken.extend_from_slice(part.get(..more).unwrap_or_default());
        }
        self.bytes.drain(..length);
        taken
    }

    /// When the first event leaves.
    pub(crate) fn due(&self) -> Option<Instant> {
        self.events.front().map(|&(due, _)| due)
    }

    /// Has everything leave at `now`, the bytes in long pieces, which cost fewer calls than short ones.
    pub(crate) fn hurry(&mut self, now: Instant) {
        let all = self.bytes.len();
        let piece = |start: usize| (now, Queued::Bytes(LONG_PIECE.min(all - start)));
        let ends = self.events.iter().filter(|(_, queued)| !queued.is_bytes());
        let ends = ends.map(|&(_, end)| (now, end));
        self.events = (0..all).step_by(LONG_PIECE).map(piece).chain(ends).collect();
    }

    /// The number of bytes of all events together.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes.len()
    }

    /// How much memory the events take, in bytes: where a stream is cut into pieces of one byte, that is many
    /// times as much as these.
    pub(crate) fn memory(&self) -> usize {
        self.bytes.len() + self.events.len() * size_of::<(Instant, Queued)>()
    }
}
