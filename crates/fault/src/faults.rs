//! The faults of everything that goes through a proxy, which may change while it does.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::budget::Budget;
use crate::directed::{Directed, Direction};
use crate::spec::Spec;

/// The faults that are in force, with the seed of their random choices. A clone is the same one: who changes
/// it changes it for everybody, and everybody asks for [`Faults::version`] whether there was a change.
pub struct Faults<Running: ?Sized>(Arc<Shared<Running>>);

struct Shared<Running: ?Sized> {
    current: Mutex<Vec<Directed<Running>>>,
    version: AtomicU64,
    seed: u64,
    budget: Budget,
}

impl<Running: ?Sized> Faults<Running> {
    /// These faults, which work in this order.
    pub fn new(faults: Vec<Directed<Running>>, seed: u64) -> Faults<Running> {
        let (version, budget) = (AtomicU64::new(0), Budget::default());
        Faults(Arc::new(Shared { current: Mutex::new(faults), version, seed, budget }))
    }

    /// From now on these and no others.
    pub fn change(&self, faults: Vec<Directed<Running>>) {
        *self.lock() = faults;
        self.0.version.fetch_add(1, Ordering::Release);
    }

    /// How many times the faults have been changed.
    pub fn version(&self) -> u64 {
        self.0.version.load(Ordering::Acquire)
    }

    /// The faults of both directions.
    pub fn current(&self) -> Vec<Directed<Running>> {
        self.lock().clone()
    }

    /// The faults of one direction.
    pub fn of(&self, direction: Direction) -> Vec<Spec<Running>> {
        let lock = self.lock();
        let chosen = lock.iter().filter(|fault| fault.is_for(direction));
        chosen.map(|fault| fault.spec.clone()).collect()
    }

    /// The seed for one direction of the connection, or the flow, with this number: always the same one, and
    /// far from those of its neighbours.
    pub fn seed(&self, number: u64, direction: Direction) -> u64 {
        let line = number.wrapping_mul(2).wrapping_add((direction == Direction::Down).into());
        // The multiplier is 2^64 divided by the golden ratio.
        self.0.seed ^ line.wrapping_mul(0x9E37_79B9_7F4A_7C15)
    }

    /// What all links together may hold.
    pub fn budget(&self) -> &Budget {
        &self.0.budget
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Directed<Running>>> {
        self.0.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<Running: ?Sized> Clone for Faults<Running> {
    fn clone(&self) -> Faults<Running> {
        Faults(self.0.clone())
    }
}

/// No faults, until they are changed.
impl<Running: ?Sized> Default for Faults<Running> {
    fn default() -> Faults<Running> {
        Faults::new(Vec::new(), 0)
    }
}

impl<Running: ?Sized> fmt::Debug for Faults<Running> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Faults").field("current", &self.current()).finish_non_exhaustive()
    }
}

/// `latency=20ms down:slice=1`, as one would type it, or `none`.
impl<Running: ?Sized> fmt::Display for Faults<Running> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let each: Vec<String> = self.lock().iter().map(Directed::to_string).collect();
        f.write_str(if each.is_empty() { "none" } else { "" })?;
        f.write_str(&each.join(" "))
    }
}
