//! What a run has found, as data: what `--json` prints.

use serde::Serialize;

use crate::failure::FailureKind;
use crate::order::in_order;
use crate::probe::Side;
use crate::record::Step;
use crate::setting::Setting;

/// The number of the form that a report has as data. It becomes another one when a field goes, or means
/// something else; fields, and words of the lists that a field is one of, may be added without.
pub const VERSION: u32 = 1;

/// What a run has found. Apart from [`Finding::took_ms`], and from the words of a program that runs on, it
/// holds nothing that changes from run to run: no times, no ports, no addresses.
#[derive(Debug, Clone, Serialize)]
pub struct LessonReport {
    /// [`VERSION`].
    pub version: u32,
    /// The lesson whose probes were run.
    pub lesson: u16,
    /// The side that was tried.
    pub side: Side,
    /// What it was to speak.
    pub setting: Setting,
    /// What each probe has found, in the order of their ids.
    pub probes: Vec<Finding>,
    /// What the program speaks instead of what it should, where the first exchange has failed.
    pub speaks: Option<String>,
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
    /// What it said last, or as long as it runs, what it has said on its standard error: at most 3 lines of
    /// 200 characters.
    pub last_words: Vec<String>,
}

impl LessonReport {
    /// Whether every requirement holds.
    pub fn all_hold(&self) -> bool {
        self.count(Verdict::Held) == self.probes.len()
    }

    /// The requirements that do not hold, in the order in which to mend them.
    pub fn failed(&self) -> Vec<&Finding> {
        let is_failed = |finding: &&Finding| finding.verdict == Verdict::Failed;
        let failed: Vec<&Finding> = self.probes.iter().filter(is_failed).collect();
        in_order(self.lesson, &failed, |finding| finding.id)
    }

    /// How many requirements have this verdict.
    pub(crate) fn count(&self, verdict: Verdict) -> usize {
        self.probes.iter().filter(|finding| finding.verdict == verdict).count()
    }
}
