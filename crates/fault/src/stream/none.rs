//! `none`: no fault, the template for all others.

use std::time::Instant;

use super::fault::{Deliver, Fault, StreamEvent};
use crate::spec::{FaultKind, SpecError};

/// Takes no value, and has no state.
pub(crate) struct None;

impl FaultKind for None {
    type Running = dyn Fault;
    const PREFIX: &'static str = "none";
    const FORMS: &'static [&'static str] = &["none"];
    const HELP: &'static [&'static str] = &[];

    fn parse(_value: &str) -> Result<None, SpecError> {
        Ok(None)
    }

    fn value(&self) -> String {
        String::new()
    }

    fn start(&self, _seed: u64) -> Box<dyn Fault> {
        Box::new(None)
    }
}

impl Fault for None {
    /// Delivers everything as it came.
    fn pass(
        &mut self,
        due: Instant,
        event: StreamEvent<'_>,
        deliver: Deliver<'_>,
    ) -> Option<String> {
        deliver(due, event);
        Option::None
    }
}
