//! `delay`: every datagram takes its time, always the same or each its own.

use super::fault::{Deliver, Fault};
use crate::spec::{FaultKind, SpecError};
use crate::time::TimeRange;

/// How much later every datagram is due. Where the delays differ (jitter), datagrams overtake each
/// other.
pub(crate) struct Delay(TimeRange);

impl FaultKind for Delay {
    type Running = dyn Fault;
    const PREFIX: &'static str = "delay=";
    const FORMS: &'static [&'static str] = &["delay=20ms", "delay=10ms..30ms"];

    fn parse(value: &str) -> Result<Delay, SpecError> {
        TimeRange::parse(value, "delay").map(Delay)
    }

    fn value(&self) -> String {
        self.0.to_string()
    }

    fn start(&self, seed: u64) -> Box<dyn Fault> {
        Box::new(Running { range: self.0, generator: fastrand::Rng::with_seed(seed) })
    }
}

struct Running {
    range: TimeRange,
    generator: fastrand::Rng,
}

impl Fault for Running {
    fn pass(&mut self, datagram: &[u8], deliver: Deliver<'_>) -> Option<String> {
        let delay = self.range.draw(&mut self.generator);
        deliver(datagram, delay);
        // A constant delay would say the same of every datagram.
        (!self.range.is_constant())
            .then(|| format!("is delayed by {:.3} ms", delay.as_secs_f64() * 1e3))
    }
}
