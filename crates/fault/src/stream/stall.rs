//! `stall`: after so many bytes nothing leaves for a while, and then it goes on.

use std::time::{Duration, Instant};

use super::fault::{Deliver, Fault, StreamEvent};
use super::offset::Offset;
use crate::spec::{FaultKind, SpecError};
use crate::{size, time};

/// Holds back what follows so many bytes, once.
pub(crate) struct Stall {
    bytes: u64,
    /// Counted from when the last of those bytes leaves.
    time: Duration,
}

const DEFAULT_TIME: Duration = Duration::from_secs(10);

impl FaultKind for Stall {
    type Running = dyn Fault;
    const PREFIX: &'static str = "stall=";
    const FORMS: &'static [&'static str] = &["stall=1000", "stall=1000:2s"];
    const HELP: &'static [&'static str] = &["stall=1000:2s"];

    fn parse(value: &str) -> Result<Stall, SpecError> {
        let (bytes, time) = match value.split_once(':') {
            Some((bytes, time)) => (bytes, time::parse(time)?),
            None => (value, DEFAULT_TIME),
        };
        Ok(Stall { bytes: size::parse(bytes)?, time })
    }

    fn value(&self) -> String {
        match self.time {
            DEFAULT_TIME => size::display(self.bytes),
            time => format!("{}:{}", size::display(self.bytes), time::display(time)),
        }
    }

    fn start(&self, _seed: u64) -> Box<dyn Fault> {
        Box::new(Running { offset: Offset::new(self.bytes), time: self.time, until: None })
    }
}

struct Running {
    offset: Offset,
    time: Duration,
    /// When the stall is over, once it has begun.
    until: Option<Instant>,
}

impl Fault for Running {
    fn pass(
        &mut self,
        due: Instant,
        event: StreamEvent<'_>,
        deliver: Deliver<'_>,
    ) -> Option<String> {
        if let Some(until) = self.until {
            deliver(due.max(until), event);
            return None;
        }
        let [before, behind] = self.offset.cut(event);
        if let Some(before) = before {
            deliver(due, before);
        }
        if !self.offset.is_reached() {
            return None;
        }
        let until = time::later(due, self.time);
        self.until = Some(until);
        if let Some(behind) = behind {
            deliver(until, behind);
        }
        Some(format!("stalled for {} s {}", self.time.as_secs_f64(), self.offset))
    }
}
