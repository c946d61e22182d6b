//! `merge`: several writes arrive as one chunk, which TCP is always free to do.

use std::time::{Duration, Instant};

use super::fault::{Deliver, Fault, StreamEvent};
use crate::spec::{FaultKind, SpecError};
use crate::time;

/// The length of a window. Its first byte opens it, and all that comes before it closes leaves as
/// one chunk.
pub(crate) struct Merge(Duration);

impl FaultKind for Merge {
    type Running = dyn Fault;
    const PREFIX: &'static str = "merge=";
    const FORMS: &'static [&'static str] = &["merge=20ms"];

    fn parse(value: &str) -> Result<Merge, SpecError> {
        time::parse(value).map(Merge)
    }

    fn value(&self) -> String {
        time::display(self.0)
    }

    fn start(&self, _seed: u64) -> Box<dyn Fault> {
        Box::new(Running { window: self.0, closes: None })
    }
}

struct Running {
    window: Duration,
    /// When the last window closes, or has closed.
    closes: Option<Instant>,
}

impl Fault for Running {
    fn pass(
        &mut self,
        due: Instant,
        event: StreamEvent<'_>,
        deliver: Deliver<'_>,
    ) -> Option<String> {
        // What comes at the very moment at which the window closes may find that the chunk has
        // left; so it opens the next one.
        let open = self.closes.filter(|closes| due < *closes);
        match (event.bytes(), open) {
            (Some(bytes), Some(closes)) => deliver(closes, StreamEvent::More(bytes)),
            (Some(bytes), None) => {
                let closes = time::later(due, self.window);
                self.closes = Some(closes);
                deliver(closes, StreamEvent::Bytes(bytes));
            }
            (None, open) => deliver(open.unwrap_or(due), event),
        }
        None
    }

    fn delay(&self) -> Duration {
        self.window
    }
}
