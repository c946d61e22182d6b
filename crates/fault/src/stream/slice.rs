//! `slice`: re-cut a stream into small pieces, which TCP is always free to do.

use std::time::Instant;

use super::fault::{Deliver, Fault, StreamEvent};
use crate::size;
use crate::sizes::Sizes;
use crate::spec::{FaultKind, SpecError};

/// How long the pieces of a chunk are, in bytes; its last piece may be shorter.
pub(crate) struct Slice {
    /// The shortest piece, never 0.
    from: usize,
    /// The longest piece.
    to: usize,
}

impl FaultKind for Slice {
    type Running = dyn Fault;
    const PREFIX: &'static str = "slice=";
    const FORMS: &'static [&'static str] = &["slice=1", "slice=1..9"];

    fn parse(value: &str) -> Result<Slice, SpecError> {
        let (from, to) = value.split_once("..").unwrap_or((value, value));
        let [from, to] =
            [from, to].map(|text| size::any(text).and_then(|size| size.try_into().ok()));
        match (from, to) {
            (Some(from), Some(to)) if 0 < from && from <= to => Ok(Slice { from, to }),
            _ => {
                let instead = "how many bytes, at least 1, or a range of such sizes, the smaller \
                               one first, such as 1..9";
                Err(SpecError::new(value, "size of a slice", instead))
            }
        }
    }

    fn value(&self) -> String {
        match self.from == self.to {
            true => self.to.to_string(),
            false => format!("{}..{}", self.from, self.to),
        }
    }

    fn start(&self, seed: u64) -> Box<dyn Fault> {
        Box::new(Running(Sizes::between(self.from, self.to, seed)))
    }
}

/// Cuts again what `merge` has joined.
struct Running(Sizes);

impl Fault for Running {
    fn pass(
        &mut self,
        due: Instant,
        event: StreamEvent<'_>,
        deliver: Deliver<'_>,
    ) -> Option<String> {
        let Some(mut chunk) = event.bytes() else {
            deliver(due, event);
            return None;
        };
        while !chunk.is_empty() {
            let (piece, rest) = chunk.split_at(self.0.next_size().min(chunk.len()));
            deliver(due, StreamEvent::Bytes(piece));
            chunk = rest;
        }
        None
    }
}
