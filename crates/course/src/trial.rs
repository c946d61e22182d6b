//! A trial: the judge tries a program with what a stage demands.

use clap::Parser as _;
use judge::{Args, Finding, LessonReport, Plan, PlanError, Side, Target, Verdict};

use crate::manifest::{Manifest, Stage};

/// What the judge has found out about a stage.
#[derive(Debug)]
pub struct Tried<'a> {
    /// What it has found.
    pub report: LessonReport,
    stage: &'a Stage,
    demands: &'a [&'a str],
}

/// What the judge is to do with a program that is started by `words`: the probes of these ids, under the options
/// of the stage.
///
/// # Errors
/// When the stage's options or probes are not the judge's, which the tests exclude.
pub fn plan(
    manifest: &Manifest,
    stage: &Stage,
    words: &[String],
    probes: &[&str],
) -> Result<Plan, PlanError> {
    let arguments = manifest.arguments(&stage.program);
    let side = format!("--{}", stage.side().name());
    // The words of a path may need quotes, and a target needs none: it is put in place below.
    let command = format!("program {}", arguments.join(" "));
    let options = ["judge", stage.lesson(), &side, &command].map(str::to_owned);
    let only = probes.iter().flat_map(|id| ["--only".to_owned(), (*id).to_owned()]);
    let options = options.into_iter().chain(stage.options.iter().cloned()).chain(only);
    let mut plan = Args::try_parse_from(options)?.plan()?;
    let words = words.iter().chain(&arguments).cloned().collect();
    plan.target = match stage.side() {
        Side::Server => Target::Server(words),
        Side::Client => Target::Client(words),
    };
    Ok(plan)
}

impl<'a> Tried<'a> {
    /// What a report says of a stage that demands these probes.
    pub fn new(stage: &'a Stage, demands: &'a [&'a str], report: LessonReport) -> Tried<'a> {
        Tried { report, stage, demands }
    }

    /// Whether the stage is passed: all that is demanded holds, and what is to fail fails.
    pub fn passes(&self) -> bool {
        self.wrong().is_empty() && self.report.stopped.is_none()
    }

    /// What was tried and is not as it should be, in the order of the road.
    pub fn wrong(&self) -> Vec<&Finding> {
        let is_wrong = |finding: &&Finding| match finding.verdict {
            Verdict::Held => self.should_fail(finding.id),
            Verdict::Failed => !self.should_fail(finding.id),
            Verdict::NotTried => false,
        };
        let mut wrong: Vec<&Finding> = self.report.probes.iter().filter(is_wrong).collect();
        wrong.sort_by_key(|finding| self.demands.iter().position(|id| *id == finding.id));
        wrong
    }

    /// What was broken on purpose, and is.
    pub fn broken(&self) -> Vec<&Finding> {
        let is_broken = |it: &&Finding| it.verdict == Verdict::Failed && self.should_fail(it.id);
        self.report.probes.iter().filter(is_broken).collect()
    }

    /// How many were not tried.
    pub fn not_tried(&self) -> usize {
        self.report.probes.iter().filter(|it| it.verdict == Verdict::NotTried).count()
    }

    fn should_fail(&self, id: &str) -> bool {
        self.stage.must_fail.iter().any(|it| it == id)
    }
}
