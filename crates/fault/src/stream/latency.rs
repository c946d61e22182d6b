//! `latency`: everything takes its time, always the same or each chunk its own.

use std::time::{Duration, Instant};

use super::fault::{Deliver, Fault, StreamEvent};
use crate::spec::{FaultKind, SpecError};
use crate::time::{self, TimeRange};

/// How much later everything is delivered.
pub(crate) struct Latency(TimeRange);

impl FaultKind for Latency {
    type Running = dyn Fault;
    const PREFIX: &'static str = "latency=";
    const FORMS: &'static [&'static str] = &["latency=20ms", "latency=10ms..30ms"];

    fn parse(value: &str) -> Result<Latency, SpecError> {
        TimeRange::parse(value, "latency").map(Latency)
    }

    fn value(&self) -> String {
        self.0.to_string()
    }

    fn start(&self, seed: u64) -> Box<dyn Fault> {
        Box::new(Running {
            range: self.0,
            generator: fastrand::Rng::with_seed(seed),
            latency: Duration::ZERO,
            last_due: None,
        })
    }
}

struct Running {
    range: TimeRange,
    generator: fastrand::Rng,
    /// The latency of the last chunk.
    latency: Duration,
    /// When the last chunk leaves.
    last_due: Option<Instant>,
}

impl Fault for Running {
    /// Where the latencies differ (jitter), nothing overtakes what was sent before it: what is
    /// faster waits behind it.
    fn pass(
        &mut self,
        due: Instant,
        event: StreamEvent<'_>,
        deliver: Deliver<'_>,
    ) -> Option<String> {
        // More of a chunk goes where that chunk went.
        if !matches!(event, StreamEvent::More(_)) {
            self.latency = self.range.draw(&mut self.generator);
        }
        let due = Some(time::later(due, self.latency)).max(self.last_due);
        self.last_due = due;
        deliver(due?, event);
        None
    }

    fn delay(&self) -> Duration {
        self.range.longest()
    }
}
