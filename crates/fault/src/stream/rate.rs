//! `rate`: a narrow link, which takes its time for each byte.

use std::time::{Duration, Instant};

use super::fault::{Deliver, Fault, StreamEvent};
use crate::spec::{FaultKind, SpecError};
use crate::{size, time};

/// In bytes per second, never 0.
pub(crate) struct Rate(u64);

/// A piece that leaves in one write is at most what the link carries in this time, or one byte.
const PIECE_TIME: Duration = Duration::from_millis(10);

const NANOS_PER_SECOND: u128 = 1_000_000_000;

impl FaultKind for Rate {
    type Running = dyn Fault;
    const PREFIX: &'static str = "rate=";
    const FORMS: &'static [&'static str] = &["rate=1MiB"];

    fn parse(value: &str) -> Result<Rate, SpecError> {
        let rate = size::any(value.strip_suffix("/s").unwrap_or(value)).filter(|rate| *rate > 0);
        rate.map(Rate).ok_or_else(|| {
            SpecError::new(value, "rate", "how many bytes per second, such as 1MiB or 500")
        })
    }

    fn value(&self) -> String {
        size::display(self.0)
    }

    fn start(&self, _seed: u64) -> Box<dyn Fault> {
        let piece = u128::from(self.0) * PIECE_TIME.as_nanos() / NANOS_PER_SECOND;
        let piece = usize::try_from(piece).unwrap_or(usize::MAX).max(1);
        Box::new(Running { bytes_per_second: self.0, piece, busy: None })
    }
}

/// Delivers each piece when its last byte has had its time; what comes faster waits. It cuts again
/// what `merge` has joined.
struct Running {
    bytes_per_second: u64,
    /// The most bytes that leave in one write.
    piece: usize,
    busy: Option<Busy>,
}

/// A time in which the link is busy without a break.
#[derive(Clone, Copy)]
struct Busy {
    since: Instant,
    /// How many bytes have left since then, or are to leave.
    bytes: u64,
    until: Instant,
}

impl Running {
    /// How long so many bytes take, rounded up.
    fn time_for(&self, bytes: u64) -> Duration {
        let nanos = u128::from(bytes) * NANOS_PER_SECOND;
        let nanos = nanos.div_ceil(u128::from(self.bytes_per_second));
        Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
    }
}

impl Fault for Running {
    fn pass(
        &mut self,
        due: Instant,
        event: StreamEvent<'_>,
        deliver: Deliver<'_>,
    ) -> Option<String> {
        let idle = Busy { since: due, bytes: 0, until: due };
        let mut busy = self.busy.filter(|busy| busy.until > due).unwrap_or(idle);
        for piece in event.bytes().unwrap_or_default().chunks(self.piece) {
            // Counted from the beginning, so that what is rounded does not add up.
            busy.bytes += piece.len() as u64;
            busy.until = time::later(busy.since, self.time_for(busy.bytes)).max(busy.until);
            deliver(busy.until, StreamEvent::Bytes(piece));
        }
        if event.bytes().is_none() {
            deliver(busy.until, event);
        }
        self.busy = Some(busy);
        None
    }

    fn rate(&self) -> Option<u64> {
        Some(self.bytes_per_second)
    }
}
