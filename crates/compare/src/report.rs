//! Everything that one run of the program has found.

use serde::Serialize;

use crate::comparison::Comparison;
use crate::sweep::Sweep;

/// Everything that one run of the program has found, as plain data: all that is drawn is drawn from this.
#[derive(Debug, Clone, Serialize)]
pub struct RunReport {
    /// The seed of the sweep's random messages.
    pub seed: u64,
    /// The scenarios that were played, in order; some have several parts, each a comparison.
    pub comparisons: Vec<Comparison>,
    /// What came of every read size.
    pub sweep: Vec<Sweep>,
}
