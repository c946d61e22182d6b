//! `latency`: everything takes its time, always the same or each chunk its own.

use std::time::{Duration, Instant};

use super::{Fault, What};
use crate::time;

/// Delivers everything later. Where the latencies differ (jitter), nothing overtakes what was sent
/// before it: what is faster waits behind it.
#[derive(Debug, Clone)]
pub struct Latency {
    /// In nanoseconds.
    from: u64,
    to: u64,
    generator: fastrand::Rng,
    /// That of the last chunk.
    latency: Duration,
    /// When that left.
    left: Option<Instant>,
}

impl Latency {
    /// Delays by `from` to `to`, both included and each equally likely; the same `seed` gives the
    /// same latencies. What is above [`LONGEST`](super::LONGEST) counts as that; the two may come
    /// in any order.
    pub fn new(from: Duration, to: Duration, seed: u64) -> Latency {
        let (from, to) = time::nanos(from, to);
        let generator = fastrand::Rng::with_seed(seed);
        Latency { from, to, generator, latency: Duration::ZERO, left: None }
    }
}

impl Fault for Latency {
    fn pass(
        &mut self,
        due: Instant,
        what: What<'_>,
        deliver: &mut dyn FnMut(Instant, What<'_>),
    ) -> Option<String> {
        // More of a chunk goes where that went.
        if !matches!(what, What::More(_)) {
            self.latency = Duration::from_nanos(self.generator.u64(self.from..=self.to));
        }
        let due = time::later(due, self.latency);
        let due = self.left.map_or(due, |left| left.max(due));
        self.left = Some(due);
        deliver(due, what);
        None
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::tests::{MS, at_once, journey, link};
    use super::super::{LONGEST, Out};
    use super::*;

    /// How much later each chunk leaves, when there is always time enough for the one before.
    fn latencies(from: Duration, to: Duration, count: usize) -> Vec<Duration> {
        let mut latency = Latency::new(from, to, 1);
        let (mut now, mut latencies) = (Instant::now(), Vec::new());
        for _ in 0..count {
            now += LONGEST;
            let words = latency.pass(now, What::Bytes(b"x"), &mut |due, _| {
                latencies.push(due - now);
            });
            assert_eq!(words, None);
        }
        latencies
    }

    #[test]
    fn a_latency_from_and_to_the_same_is_constant() {
        assert_eq!(latencies(20 * MS, 20 * MS, 100), [20 * MS; 100]);
    }

    #[test]
    fn both_ends_of_a_range_and_all_between_them_are_possible() {
        let [from, to] = [10, 13].map(Duration::from_nanos);
        let seen = BTreeSet::from_iter(latencies(from, to, 1_000));
        assert_eq!(seen, BTreeSet::from([10, 11, 12, 13].map(Duration::from_nanos)));
    }

    #[test]
    fn a_range_the_wrong_way_round_or_beyond_all_bounds_is_still_a_range() {
        for latency in latencies(Duration::MAX, LONGEST - Duration::from_nanos(1), 100) {
            assert!((LONGEST - Duration::from_nanos(1)..=LONGEST).contains(&latency));
        }
    }

    #[test]
    fn what_is_faster_waits_behind_what_was_sent_before_it() {
        let chunks = (0..1_000_u16).map(|number| (MS, number.to_be_bytes().to_vec())).collect();
        let journey = journey(link(&["latency=10ms..30ms"], 1), &chunks);
        assert_eq!(journey.bytes(), Vec::from_iter((0..1_000).flat_map(u16::to_be_bytes)));
        let mut waited = 0;
        for (number, (at, _)) in (1_u32..).zip(journey.chunks()) {
            assert!((10 * MS..=30 * MS).contains(&(at - MS * number)), "{at:?}");
            waited += usize::from(at == journey.chunks()[number.saturating_sub(2) as usize].0);
        }
        assert!(waited > 100, "only {waited} of 1,000 had to wait");
    }

    #[test]
    fn what_was_joined_stays_together() {
        let chunks = at_once(&[b"he", b"l", b"lo"]);
        let journey = journey(link(&["merge=5ms", "latency=10ms..30ms"], 1), &chunks);
        let [(_, Out::Bytes(chunk)), (_, Out::End)] = &journey.out[..] else {
            panic!("not one chunk and the end: {journey:?}");
        };
        assert_eq!(chunk, b"hello");
    }
}
