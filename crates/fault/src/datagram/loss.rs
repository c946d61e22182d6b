//! `loss`: a share of the datagrams never arrives, and nobody is told.

use super::by_chance::ByChance;
use super::fault::Fault;
use crate::chance::Chance;
use crate::spec::{FaultKind, SpecError};

/// The share of the datagrams that are lost.
pub(crate) struct Loss(Chance);

impl FaultKind for Loss {
    type Running = dyn Fault;
    const PREFIX: &'static str = "loss=";
    const FORMS: &'static [&'static str] = &["loss=30%"];

    fn parse(value: &str) -> Result<Loss, SpecError> {
        Chance::parse(value, "30% or 0.5%").map(Loss)
    }

    fn value(&self) -> String {
        self.0.to_string()
    }

    fn start(&self, seed: u64) -> Box<dyn Fault> {
        Box::new(ByChance::new(self.0, seed, &[], "is lost"))
    }
}
