//! `duplicate`: a share of the datagrams arrives twice, as after a retransmission below IP.

use std::time::Duration;

use super::{Chance, DatagramFault};

/// Doubles datagrams; the copy follows at once.
#[derive(Debug, Clone)]
pub struct Duplicate {
    chance: Chance,
    generator: fastrand::Rng,
}

impl Duplicate {
    /// Doubles `chance` of the datagrams; the same `seed` doubles the same ones.
    pub fn new(chance: Chance, seed: u64) -> Duplicate {
        Duplicate { chance, generator: fastrand::Rng::with_seed(seed) }
    }
}

impl DatagramFault for Duplicate {
    fn datagram(
        &mut self,
        datagram: &[u8],
        deliver: &mut dyn FnMut(&[u8], Duration),
    ) -> Option<String> {
        deliver(datagram, Duration::ZERO);
        if !self.chance.fires(&mut self.generator) {
            return None;
        }
        deliver(datagram, Duration::ZERO);
        Some("goes out twice".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::fates;
    use super::*;

    #[test]
    fn as_many_are_doubled_as_were_asked_for_and_said_to_be() {
        let fates = fates(&mut Duplicate::new("10%".parse().unwrap(), 1), 100_000);
        let doubled = fates.iter().filter(|fate| fate.delays.len() == 2).count();
        assert!((9_400..=10_600).contains(&doubled), "{doubled} of 100,000 at 10%");
        for fate in fates {
            let expected = if fate.delays.len() == 2 { Some("goes out twice") } else { None };
            assert_eq!(fate.words.as_deref(), expected);
        }
    }

    #[test]
    fn both_are_the_datagram_that_was_sent_and_neither_is_late() {
        let mut delivered = Vec::new();
        Duplicate::new("100%".parse().unwrap(), 1).datagram(b"hello", &mut |datagram, later| {
            delivered.push((datagram.to_vec(), later));
        });
        assert_eq!(delivered, vec![(b"hello".to_vec(), Duration::ZERO); 2]);
    }
}
