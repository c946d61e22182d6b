//! `delay`: every datagram takes its time, always the same or each its own.

use std::time::Duration;

use super::DatagramFault;
use crate::time;
pub use crate::time::LONGEST;

/// Delays every datagram. Where the delays differ (jitter), datagrams overtake each other.
#[derive(Debug, Clone)]
pub struct Delay {
    /// In nanoseconds.
    from: u64,
    to: u64,
    generator: fastrand::Rng,
}

impl Delay {
    /// Delays by `from` to `to`, both included and each delay equally likely; the same `seed` gives
    /// the same delays. What is above [`LONGEST`] counts as that; the two may come in any order.
    pub fn new(from: Duration, to: Duration, seed: u64) -> Delay {
        let (from, to) = time::nanos(from, to);
        Delay { from, to, generator: fastrand::Rng::with_seed(seed) }
    }
}

impl DatagramFault for Delay {
    fn datagram(
        &mut self,
        datagram: &[u8],
        deliver: &mut dyn FnMut(&[u8], Duration),
    ) -> Option<String> {
        let delay = Duration::from_nanos(self.generator.u64(self.from..=self.to));
        deliver(datagram, delay);
        // A constant delay would say the same of every datagram.
        (self.from < self.to).then(|| format!("is delayed by {:.3} ms", delay.as_secs_f64() * 1e3))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::tests::fates;
    use super::*;

    fn delays(from: Duration, to: Duration, count: usize) -> Vec<Duration> {
        fates(&mut Delay::new(from, to, 1), count)
            .into_iter()
            .flat_map(|fate| fate.delays)
            .collect()
    }

    #[test]
    fn a_delay_from_and_to_the_same_is_constant_and_not_worth_a_word() {
        let ms = Duration::from_millis(20);
        for fate in fates(&mut Delay::new(ms, ms, 1), 100) {
            assert_eq!((fate.delays, fate.words), (vec![ms], None));
        }
    }

    #[test]
    fn both_ends_of_a_range_and_all_between_them_are_possible() {
        let [from, to] = [10, 13].map(Duration::from_nanos);
        let seen: BTreeSet<u128> = delays(from, to, 1_000).iter().map(Duration::as_nanos).collect();
        assert_eq!(seen, BTreeSet::from([10, 11, 12, 13]));
    }

    #[test]
    fn the_delays_of_a_range_are_spread_evenly() {
        let ms = Duration::from_millis;
        let mut tenths = [0; 10];
        for delay in delays(ms(10), ms(30), 100_000) {
            assert!((ms(10)..=ms(30)).contains(&delay), "{delay:?}");
            let tenth = usize::try_from((delay - ms(10)).as_millis() / 2).unwrap();
            tenths[tenth.min(9)] += 1;
        }
        assert!(tenths.iter().all(|count| (9_400..=10_600).contains(count)), "{tenths:?}");
    }

    #[test]
    fn each_delay_of_a_range_is_told() {
        let [from, to] = [0, 2_000_000].map(Duration::from_nanos);
        for fate in fates(&mut Delay::new(from, to, 1), 100) {
            let words = fate.words.unwrap();
            let told = words.strip_prefix("is delayed by ").and_then(|w| w.strip_suffix(" ms"));
            let told: f64 = told.unwrap().parse().unwrap();
            let delay = fate.delays[0].as_secs_f64() * 1e3;
            assert!((told - delay).abs() < 0.001, "{words} {delay}");
        }
    }

    #[test]
    fn a_range_the_wrong_way_round_or_beyond_all_bounds_is_still_a_range() {
        for delay in delays(Duration::MAX, LONGEST - Duration::from_nanos(1), 100) {
            assert!((LONGEST - Duration::from_nanos(1)..=LONGEST).contains(&delay), "{delay:?}");
        }
    }
}
