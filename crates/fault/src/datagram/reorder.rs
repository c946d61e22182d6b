//! `reorder`: a share of the datagrams is held back, and what is sent meanwhile overtakes it.

use std::time::Duration;

use super::by_chance::ByChance;
use super::fault::Fault;
use crate::chance::Chance;
use crate::spec::{FaultKind, SpecError};

/// The share of the datagrams that are held back.
pub(crate) struct Reorder(Chance);

/// A datagram that is held back is overtaken by what is sent within this time after it.
const HOLD_TIME: Duration = Duration::from_millis(5);

impl FaultKind for Reorder {
    type Running = dyn Fault;
    const PREFIX: &'static str = "reorder=";
    const FORMS: &'static [&'static str] = &["reorder=10%"];

    fn parse(value: &str) -> Result<Reorder, SpecError> {
        Chance::parse(value, "30% or 0.5%").map(Reorder)
    }

    fn value(&self) -> String {
        self.0.to_string()
    }

    fn start(&self, seed: u64) -> Box<dyn Fault> {
        Box::new(ByChance::new(self.0, seed, &[HOLD_TIME], "is held back for 5 ms"))
    }
}
