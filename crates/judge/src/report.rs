//! What a run has found, as data: what `--json` prints.

use serde::Serialize;

use crate::failure::FailureKind;
use crate::probe::Side;
use crate::record::Step;
use crate::setting::Setting;

/// What a run has found. Apart from [`Finding::took_ms`] it holds nothing that changes from run to
/// run: no times, no ports, no addresses.
#[derive(Debug, Clone, Serialize)]
pub struct LessonReport {
    /// The lesson whose probes were run.
    pub lesson: u16,
    /// The side that was tried.
    pub side: Side,
    /// What it was to speak.
    pub setting: Setting,
    /// What each probe has found, in the order of their ids.
    pub probes: Vec<Finding>,
    /// Why some of them were not tried, if so.
    pub stopped: Option<Stopped>,
}

/// Why a run stops before its last probe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stopped {
    /// The lesson's first requirement does not hold, and the others build on it.
    Basis,
    /// The server that ran is gone.
    Gone,
}

/// What one probe has found.
#[derive(Debug, Clone, Serialize)]
pub struct Finding {
    /// The probe's id.
    pub id: &'static str,
    /// What the program has to do.
    pub requirement: &'static str,
    /// Whether it does.
    pub verdict: Verdict,
    /// What the judge did.
    pub steps: Vec<Step>,
    /// What came of it instead of what should have.
    pub failed: Option<Failed>,
    /// How long the probe took, in milliseconds.
    pub took_ms: u128,
}

/// What became of a requirement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It holds.
    Held,
    /// It does not.
    Failed,
    /// It was not looked at: see [`LessonReport::stopped`].
    NotTried,
}

/// Why a requirement does not hold.
#[derive(Debug, Clone, Serialize)]
pub struct Failed {
    /// What kind of thing came.
    pub kind: FailureKind,
    /// What was expected.
    pub expected: String,
    /// What came instead.
    pub actual: String,
    /// The probable cause, and what to do.
    pub hint: String,
    /// How the program under test ended during the probe, if it did: `exit status 1`.
    pub ended: Option<String>,
    /// What it said last.
    pub last_words: Vec<String>,
}

impl LessonReport {
    /// Whether every requirement holds.
    pub fn all_hold(&self) -> bool {
        self.probes.iter().all(|finding| finding.verdict == Verdict::Held)
    }

    /// The ids of the requirements that do not hold.
    pub fn failed(&self) -> Vec<&'static str> {
        let failed = |finding: &&Finding| finding.verdict == Verdict::Failed;
        self.probes.iter().filter(failed).map(|finding| finding.id).collect()
    }
}
