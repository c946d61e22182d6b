//! A link that has faults, for the datagrams of one direction.

use std::collections::BTreeMap;
use std::fmt;
use std::time::{Duration, Instant};

use super::Spec;
use super::fault::Fault;
use crate::budget::{Budget, Share};
use crate::time;

/// The most datagrams that a [`Link`] holds.
pub const CAPACITY: usize = 65_536;

/// The most copies that all faults together make of a datagram.
pub const MAX_COPIES: usize = 64;

/// How many bytes a link may hold in any case, with what is kept beside those of the datagrams.
pub const MIN_BYTES: usize = 1 << 20;

/// The most bytes that a link holds, as long as its [`Budget`] lasts.
pub const MAX_BYTES: usize = 64 << 20;

/// What a datagram costs beside its bytes: its place in the order, and the allocation.
const OVERHEAD: usize = 128;

/// A link that has faults: datagrams go in, and come out when they are due. `T` is where a datagram
/// is to go.
///
/// A link never waits, never touches a socket and never looks at a clock: its owner says what time it
/// is, and asks when the next one is due.
pub struct Link<T> {
    faults: Vec<Box<dyn Fault>>,
    /// In the order in which they are due; those due at the same time, in the order in which they
    /// were sent.
    on_their_way: BTreeMap<(Instant, u64), (Vec<u8>, T)>,
    sent: u64,
    /// How much memory these datagrams take, in bytes.
    held: usize,
    share: Share,
}

impl<T: Clone> Link<T> {
    /// A link with these faults, applied in this order. Each has a generator of its own, made from
    /// `seed` and its place in the list: the same seed and the same datagrams give the same fates.
    pub fn new(specs: &[Spec], seed: u64) -> Link<T> {
        Link::within(&Budget::default(), specs, seed)
    }

    /// The same; what it holds beyond [`MIN_BYTES`] it takes from `budget`.
    pub fn within(budget: &Budget, specs: &[Spec], seed: u64) -> Link<T> {
        let (faults, share) = (start(specs, seed), budget.share());
        Link { faults, on_their_way: BTreeMap::new(), sent: 0, held: 0, share }
    }

    /// From now on the link has these faults instead. What is on its way is due at once, in its order.
    pub fn change(&mut self, now: Instant, specs: &[Spec], seed: u64) {
        self.faults = start(specs, seed);
        let in_order = std::mem::take(&mut self.on_their_way).into_iter().zip(self.sent..);
        self.on_their_way =
            in_order.map(|((_, datagram), number)| ((now, number), datagram)).collect();
        self.sent += self.on_their_way.len() as u64;
    }

    /// Whether the link has no faults at all: what goes in is due at once, in the same order.
    pub fn is_perfect(&self) -> bool {
        self.faults.is_empty()
    }

    /// Sends a datagram into the link; returns what the faults did to it, in words, in their order.
    ///
    /// Of a datagram that an earlier fault has doubled, a later fault is told twice, up to [`MAX_COPIES`]. When there are
    /// [`CAPACITY`] datagrams on their way already, or [`MAX_BYTES`], it is dropped.
    pub fn push(&mut self, now: Instant, datagram: &[u8], to: T) -> Vec<String> {
        let mut words = Vec::new();
        let mut copies = vec![(datagram.to_vec(), Duration::ZERO)];
        for fault in &mut self.faults {
            let (mut passed_on, mut bytes) = (Vec::new(), 0);
            for (copy, late) in copies {
                words.extend(fault.pass(&copy, &mut |datagram, later| {
                    // Without this, forty times `duplicate=100%` would fill any memory, and any time.
                    if passed_on.len() < MAX_COPIES && bytes < MAX_BYTES {
                        bytes += datagram.len();
                        passed_on.push((datagram.to_vec(), late.saturating_add(later)));
                    }
                }));
            }
            copies = passed_on;
        }
        for (copy, late) in copies {
            if self.is_full() {
                words.push("is lost: the link is full".to_owned());
                break;
            }
            let due = time::later(now, late);
            self.held += copy.len() + OVERHEAD;
            self.on_their_way.insert((due, self.sent), (copy, to.clone()));
            self.sent += 1;
        }
        self.take_share();
        words
    }

    /// The next datagram that is due by `now`, the earliest first; of two that are due at the same
    /// time, the one that was pushed first.
    pub fn pop(&mut self, now: Instant) -> Option<(Vec<u8>, T)> {
        let next = self.on_their_way.first_entry().filter(|next| next.key().0 <= now)?.remove();
        self.held = self.held.saturating_sub(next.0.len() + OVERHEAD);
        self.take_share();
        Some(next)
    }

    /// When the next datagram is due; `None` if nothing is on its way.
    pub fn due(&self) -> Option<Instant> {
        self.on_their_way.first_key_value().map(|(&(due, _), _)| due)
    }

    fn is_full(&self) -> bool {
        let without_room = self.held >= MAX_BYTES || !self.share.has_more();
        self.on_their_way.len() >= CAPACITY || (self.held >= MIN_BYTES && without_room)
    }

    fn take_share(&mut self) {
        self.share.set(self.held.saturating_sub(MIN_BYTES));
    }
}

fn start(specs: &[Spec], seed: u64) -> Vec<Box<dyn Fault>> {
    let mut seeds = fastrand::Rng::with_seed(seed);
    specs.iter().map(|spec| spec.start(seeds.u64(..))).collect()
}

impl<T> fmt::Debug for Link<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link")
            .field("faults", &self.faults.len())
            .field("on_their_way", &self.on_their_way.len())
            .field("sent", &self.sent)
            .finish()
    }
}
