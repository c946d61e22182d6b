//! `loss`: a share of the datagrams never arrives, and nobody is told.

use std::time::Duration;

use super::{Chance, DatagramFault};

/// Loses datagrams, each with the same chance, whatever became of the one before.
#[derive(Debug, Clone)]
pub struct Loss {
    chance: Chance,
    generator: fastrand::Rng,
}

impl Loss {
    /// Loses `chance` of the datagrams; the same `seed` loses the same ones.
    pub fn new(chance: Chance, seed: u64) -> Loss {
        Loss { chance, generator: fastrand::Rng::with_seed(seed) }
    }
}

impl DatagramFault for Loss {
    fn datagram(
        &mut self,
        datagram: &[u8],
        deliver: &mut dyn FnMut(&[u8], Duration),
    ) -> Option<String> {
        if self.chance.fires(&mut self.generator) {
            return Some("is lost".to_owned());
        }
        deliver(datagram, Duration::ZERO);
        None
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::fates;
    use super::*;

    #[test]
    fn as_many_are_lost_as_were_asked_for() {
        let mut loss = Loss::new("30%".parse().unwrap(), 1);
        let fates = fates(&mut loss, 100_000);
        let lost = fates.iter().filter(|fate| fate.delays.is_empty()).count();
        assert!((29_000..=31_000).contains(&lost), "{lost} of 100,000 at 30%");
    }

    #[test]
    fn what_is_lost_is_said_to_be_lost_and_nothing_else_is() {
        for fate in fates(&mut Loss::new("50%".parse().unwrap(), 1), 1_000) {
            assert_eq!(fate.words.is_some(), fate.delays.is_empty(), "{fate:?}");
            assert!(fate.words.is_none_or(|words| words == "is lost"));
        }
    }
}
