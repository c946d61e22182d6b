//! What `loss`, `duplicate` and `reorder` have in common: they do one thing to a share of the
//! datagrams, each with the same chance, whatever became of the one before.

use std::time::Duration;

use super::fault::{Deliver, Fault};
use crate::chance::Chance;

/// Passes a datagram on, with its chance, in other copies than the one that is due at once.
pub(crate) struct ByChance {
    chance: Chance,
    generator: fastrand::Rng,
    /// How much later each copy is due.
    copies: &'static [Duration],
    words: &'static str,
}

impl ByChance {
    /// The same `seed` chooses the same datagrams.
    pub(crate) fn new(
        chance: Chance,
        seed: u64,
        copies: &'static [Duration],
        words: &'static str,
    ) -> ByChance {
        ByChance { chance, generator: fastrand::Rng::with_seed(seed), copies, words }
    }
}

impl Fault for ByChance {
    fn pass(&mut self, datagram: &[u8], deliver: Deliver<'_>) -> Option<String> {
        if !self.chance.fires(&mut self.generator) {
            deliver(datagram, Duration::ZERO);
            return None;
        }
        for later in self.copies {
            deliver(datagram, *later);
        }
        Some(self.words.to_owned())
    }
}
