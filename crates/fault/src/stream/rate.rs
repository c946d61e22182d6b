//! `rate`: a narrow link, which takes its time for each byte.

use std::time::{Duration, Instant};

use super::{Fault, What};
use crate::time;

/// How much leaves at once: what the link carries in this time, and at least a byte.
pub const AT_ONCE: Duration = Duration::from_millis(10);

/// Delivers each piece when its last byte has had its time, as a link of so many bytes per second
/// would; what comes faster waits. It cuts again what [`merge`](super::merge) has joined.
#[derive(Debug, Clone)]
pub struct Rate {
    bytes_per_second: u64,
    at_once: usize,
    busy: Option<Busy>,
}

/// The link is busy without a break.
#[derive(Debug, Clone, Copy)]
struct Busy {
    since: Instant,
    /// How many bytes have left since then, or are to leave.
    bytes: u64,
    until: Instant,
}

impl Rate {
    /// Carries so many bytes per second; 0 counts as 1.
    pub fn new(bytes_per_second: u64) -> Rate {
        let bytes_per_second = bytes_per_second.max(1);
        let at_once = u128::from(bytes_per_second) * AT_ONCE.as_nanos() / NANOS;
        let at_once = usize::try_from(at_once).unwrap_or(usize::MAX).max(1);
        Rate { bytes_per_second, at_once, busy: None }
    }

    /// How long so many bytes take, rounded up.
    fn time_for(&self, bytes: u64) -> Duration {
        let nanos = (u128::from(bytes) * NANOS).div_ceil(u128::from(self.bytes_per_second));
        Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
    }
}

/// In a second.
const NANOS: u128 = 1_000_000_000;

impl Fault for Rate {
    fn pass(
        &mut self,
        due: Instant,
        what: What<'_>,
        deliver: &mut dyn FnMut(Instant, What<'_>),
    ) -> Option<String> {
        let idle = Busy { since: due, bytes: 0, until: due };
        let mut busy = self.busy.filter(|busy| busy.until > due).unwrap_or(idle);
        for piece in what.bytes().unwrap_or_default().chunks(self.at_once) {
            // Counted from the beginning, so that what is rounded does not add up.
            busy.bytes += piece.len() as u64;
            busy.until = time::later(busy.since, self.time_for(busy.bytes)).max(busy.until);
            deliver(busy.until, What::Bytes(piece));
        }
        if what.bytes().is_none() {
            deliver(busy.until, what);
        }
        self.busy = Some(busy);
        None
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::tests::{Journey, MS, any_chunks, at_once, journey, link};
    use super::super::{Link, Out, Spec};
    use super::*;

    const NANO: Duration = Duration::from_nanos(1);

    fn through(rate: u64, chunks: &[&[u8]]) -> Journey {
        journey(Link::new(&[Spec::Rate(rate)], 1), &at_once(chunks))
    }

    #[test]
    fn a_mebibyte_takes_a_second_at_a_mebibyte_per_second_and_leaves_little_by_little() {
        let journey = through(1 << 20, &[&[0; 1 << 20]]);
        assert_eq!(journey.last(), Some(&(Duration::from_secs(1), Out::End)));
        let chunks = journey.chunks();
        assert!(chunks.iter().all(|(_, piece)| piece.len() <= (1 << 20) / 100));
        assert_eq!(chunks.len(), 101);
        assert!(chunks[0].0.abs_diff(AT_ONCE) < MS, "{:?}", chunks[0].0);
    }

    #[test]
    fn a_byte_at_least_leaves_at_once_however_slow_the_link() {
        let journey = through(1, &[b"abc"]);
        let at = |seconds| Duration::from_secs(seconds);
        assert_eq!(journey.chunks(), [(at(1), &b"a"[..]), (at(2), b"b"), (at(3), b"c")]);
        assert_eq!(through(0, &[b"abc"]).out, journey.out);
    }

    #[test]
    fn a_link_that_was_idle_has_saved_no_time_up() {
        let chunks = vec![(MS, vec![0; 10]), (MS * 1_000, vec![0; 10])];
        let journey = journey(link(&["rate=1000"], 1), &chunks);
        let times = Vec::from_iter(journey.out.iter().map(|(at, _)| *at));
        assert_eq!(times, [11 * MS, 1_011 * MS, 1_011 * MS]);
    }

    proptest! {
        #[test]
        fn what_is_sent_at_once_takes_its_bytes_divided_by_the_rate(
            rate in prop_oneof![1..1_000_u64, 1..u64::MAX],
            chunks in proptest::collection::vec(proptest::collection::vec(0_u8.., 0..500), 1..5),
        ) {
            let bytes = chunks.concat().len() as u128;
            let journey = through(rate, &chunks.iter().map(|chunk| &chunk[..]).collect::<Vec<_>>());
            let took = journey.last().unwrap().0.as_nanos();
            let rate = u128::from(rate);
            prop_assert!(took * rate >= bytes * NANOS, "{took} ns are too few");
            prop_assert!(bytes == 0 || (took - 1) * rate < bytes * NANOS, "{took} ns are too many");
        }

        #[test]
        fn no_piece_leaves_before_its_bytes_have_had_their_time(
            rate in 1..1_000_000_u64,
            chunks in any_chunks(),
        ) {
            let journey = journey(Link::new(&[Spec::Rate(rate)], 1), &chunks);
            let mut free = Duration::ZERO;
            for (at, piece) in journey.chunks() {
                let time = Duration::from_secs_f64(piece.len() as f64 / rate as f64);
                prop_assert!(at + 2 * NANO >= free + time, "{:?}", journey);
                prop_assert!(piece.len() == 1 || time <= AT_ONCE, "{:?}", journey);
                free = at;
            }
        }
    }
}
