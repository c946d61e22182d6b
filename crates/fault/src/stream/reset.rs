//! `reset`: the connection is torn down after so many bytes.

use std::time::Instant;

use super::mark::Mark;
use super::{Fault, What};

/// Delivers so many bytes, and right after the last of them a reset; the rest is thrown away.
#[derive(Debug, Clone)]
pub struct Reset {
    mark: Mark,
}

impl Reset {
    /// Resets after so many bytes; with 0, instead of the first thing that comes.
    pub fn new(bytes: u64) -> Reset {
        Reset { mark: Mark::new(bytes) }
    }
}

impl Fault for Reset {
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
        deliver(due, What::Reset);
        Some(format!("reset {}", self.mark))
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{at_once, journey};
    use super::super::{Link, Out, Spec};

    #[test]
    fn whatever_the_cuts_the_reset_comes_right_after_the_last_byte() {
        let text = b"hello feng";
        for (reset, cut) in (0..=12).flat_map(|reset| (0..=text.len()).map(move |cut| (reset, cut)))
        {
            let (front, back) = text.split_at(cut);
            let journey = journey(Link::new(&[Spec::Reset(reset)], 1), &at_once(&[front, back]));
            let most = usize::try_from(reset).unwrap().min(text.len());
            assert_eq!(journey.bytes(), text[..most], "reset {reset}, cut at {cut}");
            // The stream that is too short for a reset ends in order.
            let last = if reset <= 10 { Out::Reset } else { Out::End };
            let ends = journey.out.iter().filter(|(_, out)| !matches!(out, Out::Bytes(_))).count();
            assert_eq!((ends, &journey.last().unwrap().1), (1, &last));
            let s = if reset == 1 { "" } else { "s" };
            let expected = (reset <= 10).then(|| format!("reset after {reset} byte{s}"));
            assert_eq!(journey.words, Vec::from_iter(expected));
        }
    }
}
