//! What `limit` and `reset` have in common: a stream stops after so many bytes.

use std::time::Instant;

use super::fault::{Deliver, Fault, StreamEvent};
use super::offset::Offset;

/// Delivers so many bytes, and right after the last of them what the stream stops with; the rest is
/// thrown away.
pub(crate) struct CutOff {
    offset: Offset,
    last: StreamEvent<'static>,
    /// What has been done then, such as `closed`.
    verb: &'static str,
    done: bool,
}

impl CutOff {
    /// Stops the stream with `last` after so many bytes; with 0, instead of its first event.
    pub(crate) fn new(bytes: u64, last: StreamEvent<'static>, verb: &'static str) -> CutOff {
        CutOff { offset: Offset::new(bytes), last, verb, done: false }
    }
}

impl Fault for CutOff {
    fn pass(
        &mut self,
        due: Instant,
        event: StreamEvent<'_>,
        deliver: Deliver<'_>,
    ) -> Option<String> {
        if self.done {
            return None;
        }
        let [before, _] = self.offset.cut(event);
        if let Some(before) = before {
            deliver(due, before);
        }
        self.done = self.offset.is_reached();
        if !self.done {
            return None;
        }
        deliver(due, self.last);
        Some(format!("{} {}", self.verb, self.offset))
    }
}
