//! A trial: the judge tries a program with what a stage demands.

use clap::Parser as _;
use judge::Side;
use judge::{Args, Plan, PlanError, Target};

use crate::manifest::{Manifest, Stage};

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
