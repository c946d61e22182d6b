//! `stall`: after so many bytes nothing leaves for a while, and then it goes on.

use std::time::{Duration, Instant};

use super::mark::Mark;
use super::{Fault, What};
use crate::time;

/// How long a stall lasts when nobody says otherwise.
pub const USUAL: Duration = Duration::from_secs(10);

/// Holds back what follows so many bytes, once, for a time that begins when the last of those
/// leaves.
#[derive(Debug, Clone)]
pub struct Stall {
    mark: Mark,
    time: Duration,
    until: Option<Instant>,
}

impl Stall {
    /// Stalls after so many bytes; with 0, when the first thing comes. A `time` above
    /// [`LONGEST`](super::LONGEST) counts as that.
    pub fn new(bytes: u64, time: Duration) -> Stall {
        Stall { mark: Mark::new(bytes), time: time.min(time::LONGEST), until: None }
    }
}

impl Fault for Stall {
    fn pass(
        &mut self,
        due: Instant,
        what: What<'_>,
        deliver: &mut dyn FnMut(Instant, What<'_>),
    ) -> Option<String> {
        if let Some(until) = self.until {
            deliver(due.max(until), what);
            return None;
        }
        let [before, behind] = self.mark.cut(what);
        if let Some(before) = before {
            deliver(due, before);
        }
        if !self.mark.is_reached() {
            return None;
        }
        let until = time::later(due, self.time);
        self.until = Some(until);
        if let Some(behind) = behind {
            deliver(until, behind);
        }
        Some(format!("stalled for {} s {}", self.time.as_secs_f64(), self.mark))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::tests::{MS, at_once, journey, link};

    #[test]
    fn whatever_the_cuts_only_what_follows_the_mark_is_late() {
        let text = b"hello feng";
        for (after, cut) in (0..=12).flat_map(|after| (0..=text.len()).map(move |cut| (after, cut)))
        {
            let (front, back) = text.split_at(cut);
            let stall = format!("stall={after}:2s");
            let journey = journey(link(&[&stall], 1), &at_once(&[front, back]));
            assert_eq!(journey.bytes(), text);
            let in_time: Vec<u8> = journey
                .chunks()
                .iter()
                .filter(|(at, _)| at.is_zero())
                .flat_map(|(_, chunk)| *chunk)
                .copied()
                .collect();
            assert_eq!(in_time, text[..after.min(text.len())], "{stall}, cut at {cut}");
            let late = if after <= 10 { 2_000 * MS } else { Duration::ZERO };
            assert_eq!(journey.last().unwrap().0, late, "the end");
            assert!(journey.chunks().iter().all(|(at, _)| at.is_zero() || *at == late));
        }
    }

    #[test]
    fn it_is_told_once_when_it_begins() {
        for (stall, words) in [
            ("stall=5", "stalled for 10 s after 5 bytes"),
            ("stall=1:1500ms", "stalled for 1.5 s after 1 byte"),
            ("stall=0:20ms", "stalled for 0.02 s after 0 bytes"),
        ] {
            let chunks = at_once(&[b"hello", b" ", b"feng"]);
            assert_eq!(journey(link(&[stall], 1), &chunks).words, [words]);
        }
    }

    #[test]
    fn what_comes_after_the_stall_is_not_late() {
        let chunks = vec![(MS, b"hello".to_vec()), (MS, b" ".to_vec()), (10 * MS, b"x".to_vec())];
        let journey = journey(link(&["stall=5:5ms"], 1), &chunks);
        assert_eq!(journey.chunks(), [(MS, &b"hello"[..]), (6 * MS, b" "), (12 * MS, b"x")]);
    }
}
