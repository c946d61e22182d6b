//! Faults of datagrams, and a link that has them.
//!
//! UDP guarantees neither delivery nor protection from duplicates (RFC 768), nor any order: a
//! datagram may be lost, or arrive twice, late, or after one that was sent later. [`loss`],
//! [`duplicate`], [`reorder`] and [`delay`] do this on purpose; a [`Link`] without faults changes
//! nothing.

use std::collections::BTreeMap;
use std::fmt;
use std::time::{Duration, Instant};

use crate::time;

pub mod delay;
pub mod duplicate;
pub mod loss;
pub mod reorder;
mod spec;

pub use crate::chance::{Chance, NoChance};
pub use spec::{Spec, SpecError};

/// How many datagrams a [`Link`] holds at most.
pub const CAPACITY: usize = 65_536;

/// A change to what becomes of the datagrams in one direction.
///
/// It never waits and never touches a socket: it says how much later a datagram is due.
pub trait DatagramFault: Send {
    /// Takes the next datagram and calls `deliver` with each datagram to pass on, and how much
    /// later.
    ///
    /// Returns in words what it did to it (`is lost`, `goes out twice`, `is held back for 5 ms`),
    /// or `None` if it did nothing. A constant delay does the same to every datagram, and returns
    /// `None` too.
    fn datagram(
        &mut self,
        datagram: &[u8],
        deliver: &mut dyn FnMut(&[u8], Duration),
    ) -> Option<String>;
}

/// A link that has faults: datagrams go in, and come out when they are due. `T` is where a datagram
/// is to go.
///
/// It never waits, never touches a socket and never looks at a clock: its owner says what time it
/// is, and asks when the next one is due.
pub struct Link<T> {
    faults: Vec<Box<dyn DatagramFault>>,
    /// By when it is due, and then by how many were sent before it.
    on_their_way: BTreeMap<(Instant, u64), (Vec<u8>, T)>,
    sent: u64,
}

impl<T: Clone> Link<T> {
    /// A link with these faults, applied in this order. Each has a generator of its own, made from
    /// `seed` and its place in the list: the same seed and the same datagrams give the same fates.
    pub fn new(specs: &[Spec], seed: u64) -> Link<T> {
        let mut seeds = fastrand::Rng::with_seed(seed);
        let faults = specs.iter().map(|spec| spec.fault(seeds.u64(..))).collect();
        Link { faults, on_their_way: BTreeMap::new(), sent: 0 }
    }

    /// Whether it has no faults at all: what goes in is due at once, in the same order.
    pub fn is_perfect(&self) -> bool {
        self.faults.is_empty()
    }

    /// Sends a datagram into the link; returns what the faults did to it, in words, in their order.
    ///
    /// Of a datagram that an earlier fault has doubled, a later fault is told twice. When there are
    /// [`CAPACITY`] datagrams on their way already, it is dropped.
    pub fn push(&mut self, now: Instant, datagram: &[u8], to: T) -> Vec<String> {
        let mut words = Vec::new();
        let mut copies = vec![(datagram.to_vec(), Duration::ZERO)];
        for fault in &mut self.faults {
            let mut passed_on = Vec::new();
            for (copy, late) in copies {
                words.extend(fault.datagram(&copy, &mut |datagram, later| {
                    // Without this, forty times `duplicate=100%` would fill any memory.
                    if passed_on.len() < CAPACITY {
                        passed_on.push((datagram.to_vec(), late.saturating_add(later)));
                    }
                }));
            }
            copies = passed_on;
        }
        for (copy, late) in copies {
            if self.on_their_way.len() >= CAPACITY {
                words.push("is lost: the link is full".to_owned());
                break;
            }
            let due = time::later(now, late);
            self.on_their_way.insert((due, self.sent), (copy, to.clone()));
            self.sent += 1;
        }
        words
    }

    /// The next datagram that is due by `now`, the earliest first; of two that are due at the same
    /// time, the one that was pushed first.
    pub fn pop(&mut self, now: Instant) -> Option<(Vec<u8>, T)> {
        self.on_their_way.first_entry().filter(|next| next.key().0 <= now).map(|next| next.remove())
    }

    /// When the next one is due; `None` if nothing is on its way.
    pub fn due(&self) -> Option<Instant> {
        self.on_their_way.first_key_value().map(|(&(due, _), _)| due)
    }
}

impl<T> fmt::Debug for Link<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Link { faults, on_their_way, sent } = self;
        f.debug_struct("Link")
            .field("faults", &faults.len())
            .field("on_their_way", &on_their_way.len())
            .field("sent", sent)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::spec::tests::{any_delay, any_spec};
    use super::*;
    use crate::chance::tests::any_chance;

    const MS: Duration = Duration::from_millis(1);

    /// What became of one datagram.
    #[derive(Debug)]
    pub(super) struct Fate {
        /// How much later each copy that is passed on is due.
        pub(super) delays: Vec<Duration>,
        pub(super) words: Option<String>,
    }

    /// Hands `count` datagrams to `fault`, and sees that it changes nothing within them.
    pub(super) fn fates(fault: &mut dyn DatagramFault, count: usize) -> Vec<Fate> {
        let fate = |number: usize| {
            let sent = number.to_be_bytes();
            let mut delays = Vec::new();
            let words = fault.datagram(&sent, &mut |datagram, later| {
                assert_eq!(datagram, sent);
                delays.push(later);
            });
            Fate { delays, words }
        };
        (0..count).map(fate).collect()
    }

    fn link(specs: &[&str], seed: u64) -> Link<usize> {
        Link::new(&specs.iter().map(|spec| spec.parse().unwrap()).collect::<Vec<_>>(), seed)
    }

    /// Sends `count` numbered datagrams, one each millisecond, in simulated time, which goes on
    /// from one due datagram to the next. Returns the arrivals as (number, time since the start),
    /// and what was said of each datagram.
    fn journey(mut link: Link<usize>, count: usize) -> (Vec<(usize, Duration)>, Vec<Vec<String>>) {
        let start = Instant::now();
        let mut arrivals = Vec::new();
        let mut receive = |link: &mut Link<usize>, until: Option<Instant>| {
            while let Some(due) = link.due().filter(|due| until.is_none_or(|until| *due <= until)) {
                assert_eq!(link.pop(due - Duration::from_nanos(1)), None, "popped before due");
                let (datagram, to) = link.pop(due).unwrap();
                assert_eq!(datagram, to.to_be_bytes());
                arrivals.push((to, due - start));
            }
        };
        let mut words = Vec::new();
        for number in 0..count {
            let now = start + MS * u32::try_from(number).unwrap();
            receive(&mut link, Some(now));
            words.push(link.push(now, &number.to_be_bytes(), number));
        }
        receive(&mut link, None);
        (arrivals, words)
    }

    fn numbers(arrivals: &[(usize, Duration)]) -> Vec<usize> {
        arrivals.iter().map(|&(number, _)| number).collect()
    }

    #[test]
    fn a_perfect_link_delivers_at_once_in_order_and_has_nothing_to_say() {
        assert!(link(&[], 1).is_perfect());
        assert!(!link(&["loss=0%"], 1).is_perfect());
        let (arrivals, words) = journey(link(&[], 1), 100);
        let sent: Vec<_> = (0..100).map(|number| (number, MS * number as u32)).collect();
        assert_eq!(arrivals, sent);
        assert_eq!(words.concat(), [""; 0]);
    }

    #[test]
    fn nothing_is_due_before_its_time() {
        let mut link = link(&["delay=20ms"], 1);
        let now = Instant::now();
        assert_eq!((link.due(), link.pop(now)), (None, None));
        link.push(now, b"", 7);
        assert_eq!(link.due(), Some(now + 20 * MS));
        assert_eq!(link.pop(now + 20 * MS - Duration::from_nanos(1)), None);
        assert_eq!(link.pop(now + 20 * MS), Some((Vec::new(), 7)));
        assert_eq!((link.due(), link.pop(now + 40 * MS)), (None, None));
    }

    #[test]
    fn of_two_due_at_the_same_time_the_one_pushed_first_comes_first() {
        let mut link = link(&["delay=20ms"], 1);
        let now = Instant::now();
        for number in 0..300 {
            link.push(now, b"", number);
        }
        let out: Vec<_> =
            std::iter::from_fn(|| link.pop(now + 20 * MS)).map(|(_, to)| to).collect();
        assert_eq!(out, Vec::from_iter(0..300));
    }

    #[test]
    fn a_constant_delay_keeps_the_order() {
        let (arrivals, words) = journey(link(&["delay=20ms"], 1), 1_000);
        assert_eq!(numbers(&arrivals), Vec::from_iter(0..1_000));
        assert!(arrivals.iter().all(|&(number, at)| at == MS * number as u32 + 20 * MS));
        assert_eq!(words.concat(), [""; 0]);
    }

    #[test]
    fn what_is_held_back_is_overtaken_by_what_follows() {
        let (arrivals, words) = journey(link(&["reorder=10%"], 1), 1_000);
        let order = numbers(&arrivals);
        let place = |number| order.iter().position(|&arrived| arrived == number).unwrap();
        let held = |number: usize| !words[number].is_empty();
        assert!((0..1_000).any(held), "nothing was held back");
        for number in 0..999 {
            let overtaken = place(number + 1) < place(number);
            assert_eq!(overtaken, held(number) && !held(number + 1), "{number}: {order:?}");
        }
    }

    #[test]
    fn delays_add_up_and_each_copy_goes_its_own_way() {
        let faults = ["delay=20ms", "duplicate=100%", "reorder=100%", "delay=1ms..2ms"];
        let (arrivals, words) = journey(link(&faults, 1), 1);
        assert_eq!(numbers(&arrivals), [0, 0]);
        assert_ne!(arrivals[0].1, arrivals[1].1);
        assert!(arrivals.iter().all(|(_, at)| (26 * MS..=27 * MS).contains(at)), "{arrivals:?}");
        let [words] = words.try_into().unwrap();
        assert_eq!(
            words[..3],
            ["goes out twice", "is held back for 5 ms", "is held back for 5 ms"]
        );
        assert!(words[3..].iter().all(|words| words.starts_with("is delayed by 1.")), "{words:?}");
        assert_eq!(words.len(), 5);
    }

    #[test]
    fn faults_work_in_the_order_in_which_they_are_asked_for() {
        let (_, words) = journey(link(&["loss=100%", "duplicate=100%"], 1), 1);
        assert_eq!(words.concat(), ["is lost"]);
        let (_, words) = journey(link(&["duplicate=100%", "loss=100%"], 1), 1);
        assert_eq!(words.concat(), ["goes out twice", "is lost", "is lost"]);
    }

    #[test]
    fn two_faults_of_one_kind_fire_independently_of_each_other() {
        // If their generators were alike, each datagram would be held back by both or by neither.
        let (_, words) = journey(link(&["reorder=50%", "reorder=50%"], 1), 10_000);
        for (held, expected) in [(0, 2_500), (1, 5_000), (2, 2_500)] {
            let count = words.iter().filter(|words| words.len() == held).count();
            assert!(
                count.abs_diff(expected) < 300,
                "{count} of 10,000 were held back {held} times"
            );
        }
    }

    #[test]
    fn another_seed_gives_other_fates() {
        let faults = ["loss=50%"];
        assert_ne!(journey(link(&faults, 1), 100), journey(link(&faults, 2), 100));
    }

    #[test]
    fn a_full_link_drops_what_is_one_too_many_and_says_so() {
        let mut link = link(&["delay=1h"], 1);
        let now = Instant::now();
        for number in 0..CAPACITY {
            assert_eq!(link.push(now, b"", number), [""; 0]);
        }
        assert_eq!(link.push(now, b"", CAPACITY), ["is lost: the link is full"]);
        let later = now + delay::LONGEST;
        assert_eq!(link.pop(later), Some((Vec::new(), 0)));
        assert_eq!(link.push(now, b"", CAPACITY + 1), [""; 0]);
        let rest = std::iter::from_fn(|| link.pop(later)).map(|(_, to)| to);
        assert!(rest.eq((1..CAPACITY).chain([CAPACITY + 1])));
    }

    #[test]
    fn doubling_again_and_again_stays_within_what_the_link_holds() {
        let mut link = link(&["duplicate=100%"; 40], 1);
        let now = Instant::now();
        link.push(now, b"", 0);
        assert_eq!(std::iter::from_fn(|| link.pop(now)).count(), CAPACITY);
    }

    /// Faults that lose nothing and double nothing.
    fn late() -> impl Strategy<Value = Vec<Spec>> {
        vec(prop_oneof![any_chance().prop_map(Spec::Reorder), any_delay(50 * MS)], 0..4)
    }

    proptest! {
        #[test]
        fn the_same_seed_gives_the_same_fates(
            specs in vec(any_spec(50 * MS), 0..4),
            seed: u64,
        ) {
            let once = journey(Link::new(&specs, seed), 100);
            prop_assert_eq!(once, journey(Link::new(&specs, seed), 100));
        }

        #[test]
        fn without_loss_and_duplication_each_arrives_exactly_once(specs in late(), seed: u64) {
            let (arrivals, _) = journey(Link::new(&specs, seed), 200);
            prop_assert!(arrivals.is_sorted_by_key(|&(_, at)| at), "{:?}", arrivals);
            let mut arrived = numbers(&arrivals);
            arrived.sort_unstable();
            prop_assert_eq!(arrived, Vec::from_iter(0..200));
        }

        #[test]
        fn a_fault_added_at_the_end_leaves_those_before_it_as_they_were(
            mut specs in late(),
            loss in any_chance(),
            seed: u64,
        ) {
            let (whole, _) = journey(Link::new(&specs, seed), 100);
            specs.push(Spec::Loss(loss));
            let (rest, _) = journey(Link::new(&specs, seed), 100);
            prop_assert!(rest.iter().all(|arrival| whole.contains(arrival)), "{:?}", rest);
        }
    }
}
