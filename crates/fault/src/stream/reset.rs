//! `reset`: the connection is torn down after so many bytes.

use super::cut_off::CutOff;
use super::fault::{Fault, StreamEvent};
use crate::size;
use crate::spec::{FaultKind, SpecError};

/// The number of bytes after which the connection is reset.
pub(crate) struct Reset(u64);

impl FaultKind for Reset {
    type Running = dyn Fault;
    const PREFIX: &'static str = "reset=";
    const FORMS: &'static [&'static str] = &["reset=1000"];

    fn parse(value: &str) -> Result<Reset, SpecError> {
        size::parse(value).map(Reset)
    }

    fn value(&self) -> String {
        size::display(self.0)
    }

    fn start(&self, _seed: u64) -> Box<dyn Fault> {
        Box::new(CutOff::new(self.0, StreamEvent::Reset, "reset"))
    }
}
