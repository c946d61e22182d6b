//! `reorder`: a share of the datagrams goes a longer way, and what follows overtakes it.

use std::time::Duration;

use super::{Chance, DatagramFault};

/// How much longer the longer way takes. A datagram is overtaken when the next one is sent sooner.
pub const HELD_BACK: Duration = Duration::from_millis(5);

/// Holds datagrams back for [`HELD_BACK`], so that what follows overtakes them.
#[derive(Debug, Clone)]
pub struct Reorder {
    chance: Chance,
    generator: fastrand::Rng,
}

impl Reorder {
    /// Holds `chance` of the datagrams back; the same `seed` holds the same ones back.
    pub fn new(chance: Chance, seed: u64) -> Reorder {
        Reorder { chance, generator: fastrand::Rng::with_seed(seed) }
    }
}

impl DatagramFault for Reorder {
    fn datagram(
        &mut self,
        datagram: &[u8],
        deliver: &mut dyn FnMut(&[u8], Duration),
    ) -> Option<String> {
        if !self.chance.fires(&mut self.generator) {
            deliver(datagram, Duration::ZERO);
            return None;
        }
        deliver(datagram, HELD_BACK);
        Some(format!("is held back for {} ms", HELD_BACK.as_millis()))
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::fates;
    use super::*;

    #[test]
    fn as_many_are_held_back_as_were_asked_for_and_said_to_be() {
        let fates = fates(&mut Reorder::new("10%".parse().unwrap(), 1), 100_000);
        let held = fates.iter().filter(|fate| fate.delays == [HELD_BACK]).count();
        assert!((9_400..=10_600).contains(&held), "{held} of 100,000 at 10%");
        for fate in fates {
            match fate.words.as_deref() {
                None => assert_eq!(fate.delays, [Duration::ZERO]),
                words => {
                    assert_eq!(words, Some("is held back for 5 ms"));
                    assert_eq!(fate.delays, [HELD_BACK]);
                }
            }
        }
    }
}
