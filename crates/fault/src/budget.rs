//! What all links of a proxy may hold together, so that many connections with a long latency do not fill
//! the memory.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What the links that share a budget may hold together, beyond what each may hold in any case, in bytes.
pub const MAX_TOTAL: usize = 256 << 20;

/// A budget of [`MAX_TOTAL`] bytes. A clone is the same one.
#[derive(Debug, Clone, Default)]
pub struct Budget(Arc<AtomicUsize>);

/// What one link has taken of a budget. It is given back when this is dropped.
#[derive(Debug)]
pub(crate) struct Share {
    budget: Budget,
    taken: usize,
}

impl Budget {
    /// A share, of which nothing is taken yet.
    pub(crate) fn share(&self) -> Share {
        Share { budget: self.clone(), taken: 0 }
    }
}

impl Share {
    /// Has so many bytes be taken from now on, whether there are as many or not.
    pub(crate) fn set(&mut self, bytes: usize) {
        let Budget(taken) = &self.budget;
        match bytes.checked_sub(self.taken) {
            Some(0) => {}
            Some(more) => _ = taken.fetch_add(more, Ordering::Relaxed),
            None => _ = taken.fetch_sub(self.taken - bytes, Ordering::Relaxed),
        }
        self.taken = bytes;
    }

    /// Whether anything is left of the budget.
    pub(crate) fn has_more(&self) -> bool {
        self.budget.0.load(Ordering::Relaxed) < MAX_TOTAL
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.set(0);
    }
}
