//! Faults of streams, and a link that has them.
//!
//! TCP delivers the bytes of a connection in order, and promises nothing about time or cuts (RFC
//! 9293): they may come late ([`latency`]), slowly ([`rate`]), in small pieces ([`mod@slice`]),
//! several writes at once ([`merge`]), or not for a long while ([`stall`]). And the connection may
//! end where nobody expects it, in order ([`limit`]) or not ([`reset`]). Only [`corrupt`] does what
//! TCP's checksum is there to prevent, and now and then does not. [`none`] is the template: it
//! changes nothing.
//!
//! A [`Link`] applies such faults to one direction of one connection.

use std::fmt;
use std::time::Instant;

pub mod corrupt;
pub mod latency;
pub mod limit;
mod mark;
pub mod merge;
pub mod none;
mod pieces;
pub mod rate;
pub mod reset;
pub mod slice;
mod spec;
pub mod stall;

pub use crate::chance::{Chance, NoChance};
pub use crate::time::LONGEST;
use pieces::Pieces;
pub use spec::{Directed, Direction, Spec, SpecError};

/// What passes through a link, in one direction of one connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What<'a> {
    /// A chunk, which leaves in a write of its own.
    Bytes(&'a [u8]),
    /// More of the chunk before, which leaves in the same write if it is due at the same time.
    More(&'a [u8]),
    /// The orderly end of this direction (half-close).
    End,
    /// The connection is torn down.
    Reset,
}

impl<'a> What<'a> {
    /// The bytes, if it is any.
    pub fn bytes(self) -> Option<&'a [u8]> {
        match self {
            What::Bytes(bytes) | What::More(bytes) => Some(bytes),
            What::End | What::Reset => None,
        }
    }

    /// The same with these bytes, if it is any.
    pub fn with(self, bytes: &[u8]) -> What<'_> {
        match self {
            What::Bytes(_) => What::Bytes(bytes),
            What::More(_) => What::More(bytes),
            What::End => What::End,
            What::Reset => What::Reset,
        }
    }
}

/// A change to a stream, in one direction of one connection.
///
/// It never waits and never touches a socket: it says when.
pub trait Fault: Send {
    /// Takes what comes next, which is to leave at `due`, and calls `deliver` with what is to leave
    /// instead, and when: never earlier, and in order. `due` never goes back.
    ///
    /// Returns in words what it did (`closed after 100 bytes`, `flipped a bit of byte 4711`), or
    /// `None`. A fault that does the same to all that passes, such as a latency, returns `None`
    /// too.
    fn pass(
        &mut self,
        due: Instant,
        what: What<'_>,
        deliver: &mut dyn FnMut(Instant, What<'_>),
    ) -> Option<String>;
}

/// What comes out of a [`Link`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Out {
    /// A chunk, to be written at once; never an empty one.
    Bytes(Vec<u8>),
    /// The orderly end of this direction (half-close). Nothing follows but perhaps a reset.
    End,
    /// The connection is to be torn down. Nothing follows.
    Reset,
}

/// A link that has faults, for one direction of one connection: a stream goes in, and comes out
/// when it is due.
///
/// It never waits, never touches a socket and never looks at a clock: its owner says what time it
/// is, which never goes back, and asks when the next chunk is due. It takes whatever it is given;
/// its owner sees how much it holds, and stops reading.
pub struct Link {
    faults: Vec<Box<dyn Fault>>,
    on_their_way: Pieces,
    passing: Passing,
}

/// What may still pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Passing {
    All,
    Reset,
    Nothing,
}

impl Link {
    /// A link with these faults, applied in this order. Each has a generator of its own, made from
    /// `seed` and its place in the list: the same seed and the same stream give the same changes.
    pub fn new(specs: &[Spec], seed: u64) -> Link {
        let mut seeds = fastrand::Rng::with_seed(seed);
        let faults = specs.iter().map(|spec| spec.fault(seeds.u64(..))).collect();
        Link { faults, on_their_way: Pieces::default(), passing: Passing::All }
    }

    /// Whether it has no faults at all: what goes in is due at once, cut as it was.
    pub fn is_perfect(&self) -> bool {
        self.faults.is_empty()
    }

    /// Sends what comes next into the link; returns what the faults did to it, in words, in their
    /// order.
    ///
    /// What comes after an end that has passed is thrown away, except for a reset, and so is all
    /// that comes after a reset.
    pub fn push(&mut self, now: Instant, what: What<'_>) -> Vec<String> {
        let mut words = Vec::new();
        let mut pieces = Pieces::default();
        pieces.add(now, what);
        for fault in &mut self.faults {
            let mut passed_on = Pieces::default();
            pieces.each(|due, what| {
                words.extend(fault.pass(due, what, &mut |due, what| passed_on.add(due, what)));
            });
            pieces = passed_on;
        }
        pieces.each(|due, what| self.send(due, what));
        words
    }

    fn send(&mut self, due: Instant, what: What<'_>) {
        self.passing = match (self.passing, what) {
            (Passing::Nothing, _)
            | (Passing::Reset, What::Bytes(_) | What::More(_) | What::End) => {
                return;
            }
            (Passing::All | Passing::Reset, What::Reset) => Passing::Nothing,
            (Passing::All, What::End) => Passing::Reset,
            (Passing::All, What::Bytes(_) | What::More(_)) => Passing::All,
        };
        self.on_their_way.add(due, what);
    }

    /// What comes out next, if it is due by `now`: a chunk for each call, cut as the faults cut it.
    pub fn pop(&mut self, now: Instant) -> Option<Out> {
        self.due().filter(|due| *due <= now).and_then(|_| self.on_their_way.pop())
    }

    /// When the next chunk, end or reset is due; `None` if nothing is on its way.
    pub fn due(&self) -> Option<Instant> {
        self.on_their_way.due()
    }

    /// How many bytes are on their way. At a limit of its own choice the owner stops reading, which
    /// is how back-pressure reaches the sender.
    pub fn held(&self) -> usize {
        self.on_their_way.bytes()
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Link { faults, on_their_way, passing } = self;
        f.debug_struct("Link")
            .field("faults", &faults.len())
            .field("held", &on_their_way.bytes())
            .field("passing", passing)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::spec::tests::{any_latency, any_spec};
    use super::*;

    pub(super) const MS: Duration = Duration::from_millis(1);

    /// How long after the chunk before, and the chunk.
    pub(super) type Chunks = Vec<(Duration, Vec<u8>)>;

    /// What came out of a link, each with the time since the start, and what was said.
    #[derive(Debug, PartialEq)]
    pub(super) struct Journey {
        pub(super) out: Vec<(Duration, Out)>,
        pub(super) words: Vec<String>,
    }

    impl Journey {
        /// The chunks that came out, without the end.
        pub(super) fn chunks(&self) -> Vec<(Duration, &[u8])> {
            let chunks = self.out.iter().filter_map(|(at, out)| match out {
                Out::Bytes(bytes) => Some((*at, &bytes[..])),
                Out::End | Out::Reset => None,
            });
            chunks.collect()
        }

        pub(super) fn bytes(&self) -> Vec<u8> {
            self.chunks().iter().flat_map(|(_, chunk)| *chunk).copied().collect()
        }

        pub(super) fn last(&self) -> Option<&(Duration, Out)> {
            self.out.last()
        }
    }

    pub(super) fn link(specs: &[&str], seed: u64) -> Link {
        Link::new(&specs.iter().map(|spec| spec.parse().unwrap()).collect::<Vec<_>>(), seed)
    }

    /// Sends the chunks and then the end, in simulated time, which goes on from one due chunk to
    /// the next.
    pub(super) fn journey(mut link: Link, chunks: &Chunks) -> Journey {
        let start = Instant::now();
        let mut out = Vec::new();
        let mut receive = |link: &mut Link, until: Option<Instant>| {
            while let Some(due) = link.due().filter(|due| until.is_none_or(|until| *due <= until)) {
                assert_eq!(link.pop(due - Duration::from_nanos(1)), None, "popped before due");
                out.push((due - start, link.pop(due).unwrap()));
            }
        };
        let (mut now, mut words) = (start, Vec::new());
        for (gap, chunk) in chunks {
            now += *gap;
            receive(&mut link, Some(now));
            words.extend(link.push(now, What::Bytes(chunk)));
        }
        words.extend(link.push(now, What::End));
        receive(&mut link, None);
        assert_eq!(link.held(), 0);
        Journey { out, words }
    }

    /// These at once, one after the other.
    pub(super) fn at_once(chunks: &[&[u8]]) -> Chunks {
        chunks.iter().map(|chunk| (Duration::ZERO, chunk.to_vec())).collect()
    }

    fn sent(chunks: &Chunks) -> Vec<u8> {
        chunks.iter().flat_map(|(_, chunk)| chunk).copied().collect()
    }

    pub(super) fn any_chunks() -> impl Strategy<Value = Chunks> {
        let gap =
            prop_oneof![Just(0), 0..3_000_u64, 0..60_000_000_u64].prop_map(Duration::from_nanos);
        vec((gap, vec(any::<u8>(), 0..50)), 0..9)
    }

    #[test]
    fn a_perfect_link_delivers_at_once_as_it_was_cut_and_has_nothing_to_say() {
        assert!(link(&[], 1).is_perfect());
        assert!(!link(&["none"], 1).is_perfect());
        for specs in [&[][..], &["none"], &["none", "none"]] {
            let chunks = vec![(MS, b"he".to_vec()), (MS, vec![]), (MS, b"llo".to_vec())];
            let Journey { out, words } = journey(link(specs, 1), &chunks);
            let expected = [
                (MS, Out::Bytes(b"he".to_vec())),
                (3 * MS, Out::Bytes(b"llo".to_vec())),
                (3 * MS, Out::End),
            ];
            assert_eq!(out, expected);
            assert_eq!(words, [""; 0]);
        }
    }

    #[test]
    fn what_is_on_its_way_is_counted_until_it_leaves() {
        let (mut link, now) = (link(&["latency=20ms", "slice=2"], 1), Instant::now());
        assert_eq!((link.held(), link.due()), (0, None));
        link.push(now, What::Bytes(b"hello"));
        assert_eq!((link.held(), link.due()), (5, Some(now + 20 * MS)));
        assert_eq!(link.pop(now + 19 * MS), None);
        assert_eq!(link.pop(now + 20 * MS), Some(Out::Bytes(b"he".to_vec())));
        assert_eq!(link.held(), 3);
    }

    #[test]
    fn pieces_due_at_the_same_time_stay_apart_and_only_more_of_a_chunk_joins_it() {
        let (mut link, now) = (link(&[], 1), Instant::now());
        for what in [What::Bytes(b"a"), What::Bytes(b"b"), What::More(b"c"), What::More(b"d")] {
            link.push(now, what);
        }
        assert_eq!(link.pop(now), Some(Out::Bytes(b"a".to_vec())));
        assert_eq!(link.pop(now), Some(Out::Bytes(b"bcd".to_vec())));
        // That has left, so this is a chunk of its own.
        link.push(now, What::More(b"e"));
        link.push(now + MS, What::More(b"f"));
        assert_eq!(link.pop(now + MS), Some(Out::Bytes(b"e".to_vec())));
        assert_eq!(link.pop(now + MS), Some(Out::Bytes(b"f".to_vec())));
    }

    #[test]
    fn nothing_but_a_reset_follows_an_end_and_nothing_at_all_a_reset() {
        let (mut link, now) = (link(&[], 1), Instant::now());
        for what in [What::End, What::Bytes(b"x"), What::End, What::Reset, What::Bytes(b"x")] {
            link.push(now, what);
            link.push(now, What::More(b""));
        }
        link.push(now, What::Reset);
        assert_eq!([(); 3].map(|()| link.pop(now)), [Some(Out::End), Some(Out::Reset), None]);
        assert_eq!(link.held(), 0);
    }

    #[test]
    fn faults_work_and_speak_in_the_order_in_which_they_are_asked_for() {
        let chunks = at_once(&[b"hello"]);
        let words = |specs: &[&str]| journey(link(specs, 1), &chunks).words;
        assert_eq!(words(&["limit=4", "reset=2"]), ["closed after 4 bytes", "reset after 2 bytes"]);
        assert_eq!(words(&["reset=2", "limit=4"]), ["reset after 2 bytes"]);
    }

    #[test]
    fn an_end_waits_for_the_bytes_before_it() {
        let chunks = at_once(&[b"hello"]);
        for (spec, at) in [
            ("latency=20ms", 20 * MS),
            ("rate=100", 50 * MS),
            ("merge=20ms", 20 * MS),
            ("stall=5:2s", 2_000 * MS),
        ] {
            assert_eq!(journey(link(&[spec], 1), &chunks).last(), Some(&(at, Out::End)), "{spec}");
        }
    }

    #[test]
    fn two_faults_of_one_kind_have_generators_of_their_own() {
        let chunks = at_once(&[&[0; 10_000]]);
        let both = journey(link(&["corrupt=50%", "corrupt=50%"], 1), &chunks);
        // Were they alike, each bit that one flips the other would flip back.
        assert_ne!(both.bytes(), sent(&chunks));
    }

    #[test]
    fn another_seed_gives_other_cuts() {
        let chunks = at_once(&[&[0; 100]]);
        let cut = |seed| journey(link(&["slice=1..9"], seed), &chunks);
        assert_ne!(cut(1), cut(2));
    }

    #[test]
    fn as_many_faults_as_a_command_line_holds_are_no_danger() {
        let chunks = at_once(&[b"hello"]);
        let journey = journey(link(&vec!["none"; 100_000], 1), &chunks);
        assert_eq!(journey.bytes(), b"hello");
    }

    fn any_slice() -> impl Strategy<Value = Spec> {
        (1..20_usize, 0..20_usize).prop_map(|(from, more)| Spec::Slice { from, to: from + more })
    }

    /// Faults that change no byte and end nothing.
    fn harmless() -> impl Strategy<Value = Vec<Spec>> {
        let most = 50 * MS;
        let time = (0..50_000_000_u64).prop_map(Duration::from_nanos);
        vec(
            prop_oneof![
                Just(Spec::None),
                any_latency(most),
                (1..100_000_u64).prop_map(Spec::Rate),
                any_slice(),
                time.clone().prop_map(Spec::Merge),
                (0..200_u64, time).prop_map(|(after, time)| Spec::Stall { after, time }),
            ],
            0..6,
        )
    }

    proptest! {
        #[test]
        fn the_bytes_that_come_out_are_those_that_went_in_and_none_is_early(
            specs in harmless(),
            chunks in any_chunks(),
            seed: u64,
        ) {
            let journey = journey(Link::new(&specs, seed), &chunks);
            prop_assert_eq!(journey.bytes(), sent(&chunks));
            prop_assert!(journey.out.is_sorted_by_key(|&(at, _)| at), "{:?}", journey);
            let ends = journey.out.iter().filter(|(_, out)| !matches!(out, Out::Bytes(_))).count();
            prop_assert_eq!((ends, &journey.last().unwrap().1), (1, &Out::End));
            let mut now = Duration::ZERO;
            let pushed = chunks.iter().flat_map(|(gap, chunk)| {
                now += *gap;
                vec![now; chunk.len()]
            });
            let left = journey.chunks().into_iter().flat_map(|(at, chunk)| vec![at; chunk.len()]);
            let left = Vec::from_iter(left);
            prop_assert!(pushed.zip(&left).all(|(pushed, left)| pushed <= *left), "{:?}", journey);
            prop_assert!(now <= journey.last().unwrap().0);
        }

        #[test]
        fn the_same_seed_gives_the_same_journey(
            specs in vec(any_spec(50 * MS), 0..6),
            chunks in any_chunks(),
            seed: u64,
        ) {
            let once = journey(Link::new(&specs, seed), &chunks);
            prop_assert_eq!(once, journey(Link::new(&specs, seed), &chunks));
        }

        #[test]
        fn whatever_the_faults_there_is_one_end_and_nothing_after_it_goes_back_in_time(
            specs in vec(any_spec(50 * MS), 0..6),
            chunks in any_chunks(),
            seed: u64,
        ) {
            let journey = journey(Link::new(&specs, seed), &chunks);
            prop_assert!(journey.out.is_sorted_by_key(|&(at, _)| at), "{:?}", journey);
            let kinds = journey.out.iter().map(|(_, out)| !matches!(out, Out::Bytes(_)));
            prop_assert!(kinds.is_sorted(), "bytes after the end: {:?}", journey);
            prop_assert!(journey.bytes().len() <= sent(&chunks).len());
        }

        #[test]
        fn a_slice_at_the_end_leaves_only_pieces_of_its_sizes(
            mut specs in harmless(),
            (from, more) in (1..20_usize, 0..20_usize),
            chunks in any_chunks(),
            seed: u64,
        ) {
            specs.push(Spec::Slice { from, to: from + more });
            let journey = journey(Link::new(&specs, seed), &chunks);
            let longest = journey.chunks().iter().map(|(_, piece)| piece.len()).max();
            prop_assert!(longest.is_none_or(|longest| longest <= from + more), "{:?}", journey);
        }

        #[test]
        fn a_merge_at_the_end_leaves_one_chunk_in_each_window(
            mut specs in harmless(),
            window in (1..50_000_000_u64).prop_map(Duration::from_nanos),
            chunks in any_chunks(),
            seed: u64,
        ) {
            specs.push(Spec::Merge(window));
            let journey = journey(Link::new(&specs, seed), &chunks);
            for pair in journey.chunks().windows(2) {
                prop_assert!(pair[1].0 - pair[0].0 >= window, "{:?}", journey);
            }
        }
    }
}
