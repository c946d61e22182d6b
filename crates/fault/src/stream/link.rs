//! A link that has faults, for one direction of one connection.

use std::fmt;
use std::time::Instant;

use super::Spec;
use super::fault::{Emitted, Fault, StreamEvent};
use super::queue::EventQueue;
use super::room;
use crate::budget::{Budget, Share};

/// A link that has faults, for one direction of one connection: a stream goes in, and comes out
/// when it is due.
///
/// A link never waits, never touches a socket and never looks at a clock: its owner says what time it
/// is, which never goes back, and asks when the next chunk is due. A link takes whatever it is
/// given; its owner asks whether it has room, and stops reading.
pub struct Link {
    faults: Vec<Box<dyn Fault>>,
    on_their_way: EventQueue,
    /// How much memory may be on its way.
    room: usize,
    share: Share,
    state: State,
}

/// What has passed, and so what may still pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    /// Only a reset may follow.
    Ended,
    /// Nothing may follow.
    Reset,
}

impl Link {
    /// A link with these faults, applied in this order. Each has a generator of its own, made from
    /// `seed` and its place in the list: the same seed and the same stream give the same changes.
    pub fn new(specs: &[Spec], seed: u64) -> Link {
        Link::within(&Budget::default(), specs, seed)
    }

    /// The same; what it holds beyond [`MIN_ROOM`](super::MIN_ROOM) it takes from `budget`.
    pub fn within(budget: &Budget, specs: &[Spec], seed: u64) -> Link {
        let faults = start(specs, seed);
        let (room, share) = (room::of(&faults), budget.share());
        Link { faults, on_their_way: EventQueue::default(), room, share, state: State::Open }
    }

    /// From now on the link has these faults instead, which begin anew: `limit=100` counts from here. What
    /// is on its way leaves at once, in order and in long pieces; a stream that a fault has ended stays ended.
    pub fn change(&mut self, now: Instant, specs: &[Spec], seed: u64) {
        self.faults = start(specs, seed);
        self.room = room::of(&self.faults);
        self.on_their_way.hurry(now);
        self.take_share();
    }

    /// Whether the link has no faults at all: what goes in is due at once, cut as it was.
    pub fn is_perfect(&self) -> bool {
        self.faults.is_empty()
    }

    /// Sends the next event into the link; returns what the faults did to it, in words, in their
    /// order.
    ///
    /// What comes after an end that has passed is thrown away, except for a reset, and so is all
    /// that comes after a reset.
    pub fn push(&mut self, now: Instant, event: StreamEvent<'_>) -> Vec<String> {
        let mut words = Vec::new();
        let mut events = EventQueue::default();
        events.add(now, event);
        for fault in &mut self.faults {
            let mut passed_on = EventQueue::default();
            events.for_each(|due, event| {
                words.extend(fault.pass(due, event, &mut |due, event| passed_on.add(due, event)));
            });
            events = passed_on;
        }
        events.for_each(|due, event| self.send(due, event));
        self.take_share();
        words
    }

    fn send(&mut self, due: Instant, event: StreamEvent<'_>) {
        self.state = match (self.state, event) {
            (State::Open, StreamEvent::Bytes(_) | StreamEvent::More(_)) => State::Open,
            (State::Open, StreamEvent::End) => State::Ended,
            (State::Open | State::Ended, StreamEvent::Reset) => State::Reset,
            (State::Ended | State::Reset, _) => return,
        };
        self.on_their_way.add(due, event);
    }

    /// What comes out next, if it is due by `now`: a chunk for each call, cut as the faults cut it.
    pub fn pop(&mut self, now: Instant) -> Option<Emitted> {
        let emitted = self.due().filter(|due| *due <= now).and_then(|_| self.on_their_way.pop());
        self.take_share();
        emitted
    }

    /// When the next chunk, end or reset is due; `None` if nothing is on its way.
    pub fn due(&self) -> Option<Instant> {
        self.on_their_way.due()
    }

    /// How many bytes are on their way.
    pub fn held(&self) -> usize {
        self.on_their_way.bytes()
    }

    /// Whether more may be on its way. If not, the owner stops reading, which is how back-pressure reaches
    /// the sender.
    ///
    /// There is room for a mebibyte, and beyond that for what a line with this latency holds at its rate: up
    /// to [`MAX_ROOM`](super::MAX_ROOM), with what is kept beside the bytes, and as long as the budget lasts.
    pub fn has_room(&self) -> bool {
        let within_room = self.on_their_way.memory() < self.room && self.share.has_more();
        self.held() < room::MIN_ROOM || within_room
    }

    /// Whether nothing is on its way, and the stream goes on.
    pub fn is_idle(&self) -> bool {
        self.state == State::Open && self.due().is_none()
    }

    fn take_share(&mut self) {
        self.share.set(self.on_their_way.memory().saturating_sub(room::MIN_ROOM));
    }
}

fn start(specs: &[Spec], seed: u64) -> Vec<Box<dyn Fault>> {
    let mut seeds = fastrand::Rng::with_seed(seed);
    specs.iter().map(|spec| spec.start(seeds.u64(..))).collect()
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link")
            .field("faults", &self.faults.len())
            .field("held", &self.held())
            .field("state", &self.state)
            .finish()
    }
}
