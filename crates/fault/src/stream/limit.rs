//! `limit`: the stream ends, in order, after so many bytes.

use super::cut_off::CutOff;
use super::fault::{Fault, StreamEvent};
use crate::size;
use crate::spec::{FaultKind, SpecError};

/// The number of bytes after which the stream ends.
pub(crate) struct Limit(u64);

impl FaultKind for Limit {
    type Running = dyn Fault;
    const PREFIX: &'static str = "limit=";
    const FORMS: &'static [&'static str] = &["limit=1000"];

    fn parse(value: &str) -> Result<Limit, SpecError> {
        size::parse(value).map(Limit)
    }

    fn value(&self) -> String {
        size::display(self.0)
    }

    fn start(&self, _seed: u64) -> Box<dyn Fault> {
        Box::new(CutOff::new(self.0, StreamEvent::End, "closed"))
    }
}
