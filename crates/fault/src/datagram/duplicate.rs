//! `duplicate`: a share of the datagrams arrives twice, as after a retransmission below IP.

use std::time::Duration;

use super::by_chance::ByChance;
use super::fault::Fault;
use crate::chance::Chance;
use crate::spec::{FaultKind, SpecError};

/// The share of the datagrams that are doubled. The copy follows at once.
pub(crate) struct Duplicate(Chance);

impl FaultKind for Duplicate {
    type Running = dyn Fault;
    const PREFIX: &'static str = "duplicate=";
    const FORMS: &'static [&'static str] = &["duplicate=10%"];

    fn parse(value: &str) -> Result<Duplicate, SpecError> {
        Chance::parse(value, "30% or 0.5%").map(Duplicate)
    }

    fn value(&self) -> String {
        self.0.to_string()
    }

    fn start(&self, seed: u64) -> Box<dyn Fault> {
        Box::new(ByChance::new(self.0, seed, &[Duration::ZERO; 2], "goes out twice"))
    }
}
