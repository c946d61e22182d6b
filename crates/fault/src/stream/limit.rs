//! `limit`: the stream ends, in order, after so many bytes.

use std::time::Instant;

use super::mark::Mark;
use super::{Fault, What};

/// Delivers so many bytes, and right after the last of them the end; the rest is thrown away.
#[derive(Debug, Clone)]
pub struct Limit {
    mark: Mark,
}

impl Limit {
    /// Ends after so many bytes; with 0, instead of the first thing that comes.
    pub fn new(bytes: u64) -> Limit {
        Limit { mark: Mark::new(bytes) }
    }
}

impl Fault for Limit {
    fn pass(
        &mut self,
        due: Instant,
        what: What<'_>,
        deliver: &mut dyn FnMut(Instant, What<'_>),
    ) -> Option<String> {
        let fires = self.mark.deliver_before(due, what, deliver);
        if !fires {
            return None;
        }
        deliver(due, What::End);
        Some(format!("closed {}", self.mark))
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{MS, at_once, journey, link};
    use super::super::{Link, Out, Spec};

    #[test]
    fn whatever_the_cuts_the_end_comes_right_after_the_last_byte() {
        let text = b"hello feng";
        for (limit, cut) in (0..=12).flat_map(|limit| (0..=text.len()).map(move |cut| (limit, cut)))
        {
            let (front, back) = text.split_at(cut);
            let journey = journey(Link::new(&[Spec::Limit(limit)], 1), &at_once(&[front, back]));
            let most = usize::try_from(limit).unwrap().min(text.len());
            assert_eq!(journey.bytes(), text[..most], "limit {limit}, cut at {cut}");
            let ends = journey.out.iter().filter(|(_, out)| *out == Out::End).count();
            assert_eq!((ends, &journey.last().unwrap().1), (1, &Out::End));
            let s = if limit == 1 { "" } else { "s" };
            let expected = (limit <= 10).then(|| format!("closed after {limit} byte{s}"));
            assert_eq!(journey.words, Vec::from_iter(expected));
        }
    }

    #[test]
    fn the_end_does_not_wait_for_a_byte_too_many() {
        let chunks = vec![(MS, b"hello".to_vec()), (MS, b" feng".to_vec())];
        let journey = journey(link(&["limit=5"], 1), &chunks);
        assert_eq!(journey.last(), Some(&(MS, Out::End)));
    }
}
