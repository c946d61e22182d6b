//! `merge`: several writes arrive as one chunk, which TCP is always free to do.

use std::time::{Duration, Instant};

use super::{Fault, What};
use crate::time;

/// Holds bytes back until a window closes, which the first of them opens; then all that has come
/// leaves as one chunk.
#[derive(Debug, Clone)]
pub struct Merge {
    window: Duration,
    closes: Option<Instant>,
}

impl Merge {
    /// Opens windows of this length. What is above [`LONGEST`](super::LONGEST) counts as that.
    pub fn new(window: Duration) -> Merge {
        Merge { window: window.min(time::LONGEST), closes: None }
    }
}

impl Fault for Merge {
    fn pass(
        &mut self,
        due: Instant,
        what: What<'_>,
        deliver: &mut dyn FnMut(Instant, What<'_>),
    ) -> Option<String> {
        // What comes at the very moment at which the window closes may find that the chunk has
        // left; so it opens the next one.
        let open = self.closes.filter(|closes| due < *closes);
        match (what, open) {
            (What::Bytes(bytes) | What::More(bytes), Some(closes)) => {
                deliver(closes, What::More(bytes));
            }
            (What::Bytes(bytes) | What::More(bytes), None) => {
                let closes = time::later(due, self.window);
                self.closes = Some(closes);
                deliver(closes, What::Bytes(bytes));
            }
            (What::End | What::Reset, open) => deliver(open.unwrap_or(due), what),
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::super::Out;
    use super::super::tests::{MS, journey, link};
    use super::*;

    #[test]
    fn the_first_byte_opens_a_window_and_all_that_comes_in_it_leaves_when_it_closes() {
        let chunks = [(5, "he"), (0, "l"), (19, "lo"), (1, "fe"), (30, "ng")]
            .map(|(gap, text)| (MS * gap, text.as_bytes().to_vec()));
        let journey = journey(link(&["merge=20ms"], 1), &chunks.to_vec());
        let expected = [(25, "hello"), (45, "fe"), (75, "ng")]
            .map(|(at, text)| (MS * at, Out::Bytes(text.into())));
        assert_eq!(journey.out[..3], expected);
        assert_eq!(journey.out[3..], [(75 * MS, Out::End)]);
    }

    #[test]
    fn an_end_with_nothing_before_it_does_not_wait() {
        let (mut link, now) = (link(&["merge=20ms"], 1), Instant::now());
        link.push(now, What::Bytes(b"x"));
        link.push(now + 50 * MS, What::End);
        assert_eq!(link.pop(now + 50 * MS), Some(Out::Bytes(b"x".to_vec())));
        assert_eq!(link.pop(now + 50 * MS), Some(Out::End));
    }

    #[test]
    fn a_reset_comes_after_the_bytes_that_were_held_back() {
        let (mut link, now) = (link(&["merge=20ms"], 1), Instant::now());
        link.push(now, What::Bytes(b"x"));
        link.push(now, What::Reset);
        assert_eq!(link.pop(now + 20 * MS), Some(Out::Bytes(b"x".to_vec())));
        assert_eq!(link.pop(now + 20 * MS), Some(Out::Reset));
    }

    #[test]
    fn what_was_sliced_is_joined_again_and_what_was_joined_is_sliced() {
        let chunks = vec![(MS, b"hel".to_vec()), (MS, b"lo".to_vec())];
        let through = |specs: &[&str]| journey(link(specs, 1), &chunks).out;
        let hello = [(21 * MS, Out::Bytes(b"hello".to_vec())), (21 * MS, Out::End)];
        assert_eq!(through(&["slice=1", "merge=20ms"]), hello);
        let sliced = through(&["merge=20ms", "slice=1"]);
        assert_eq!(sliced.len(), 6);
        assert!(sliced.iter().all(|(at, _)| *at == 21 * MS), "{sliced:?}");
    }
}
