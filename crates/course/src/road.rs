//! A picture of the road: all programs with their stages, and where the learner is.

use std::fmt::Write;

use rust_i18n::t;
use unicode_width::UnicodeWidthStr;

use crate::manifest::{Manifest, Stage};
use crate::page::{BAD, FAINT, GOOD, STRONG, paint};
use crate::progress::{Progress, State};

/// The road in a line for each program, and the stages of the one that grows now with their names.
pub fn picture(manifest: &Manifest, progress: &Progress) -> String {
    let current = progress.current(manifest);
    let programs = manifest.programs();
    let names = programs.iter().map(|name| name.width()).max().unwrap_or(0);
    let cells = programs.iter().map(|program| manifest.stages_of(program).count()).max();
    let cells = cells.unwrap_or(0) * mark_width();
    let mut out = String::new();
    for program in programs {
        let stages: Vec<&Stage> = manifest.stages_of(program).collect();
        let marks: String = stages.iter().map(|stage| mark(progress, stage, current)).collect();
        let passed =
            stages.iter().filter(|stage| progress.at(stage).state == State::Passed).count();
        let gap = " ".repeat(cells - stages.len() * mark_width());
        _ = writeln!(
            out,
            "{program:<names$}  {marks}{gap}  {}",
            t!("%{count} of %{all}", count = passed, all = stages.len())
        );
    }
    if let Some(current) = current {
        out += &stages_of(manifest, progress, current);
    }
    let (passed, skipped) =
        (progress.count(manifest, State::Passed), progress.count(manifest, State::Skipped));
    let all = manifest.stages.len();
    let sum = match skipped {
        0 => t!("%{passed} of %{all} stages passed", passed = passed, all = all),
        _ => t!(
            "%{passed} of %{all} stages passed, %{skipped} skipped",
            passed = passed,
            all = all,
            skipped = skipped
        ),
    };
    _ = writeln!(out, "\n{}", paint(STRONG, &sum));
    out
}

/// The stages of the program that grows now: their ids, which `reset` takes, and their titles.
fn stages_of(manifest: &Manifest, progress: &Progress, current: &Stage) -> String {
    let stages: Vec<&Stage> = manifest.stages_of(&current.program).collect();
    let ids = stages.iter().map(|stage| stage.id.width()).max().unwrap_or(0);
    let mut out = format!("\n{}\n", paint(STRONG, &current.program));
    for stage in stages {
        let mark = mark(progress, stage, Some(current));
        let hints = match progress.at(stage).hints {
            0 => String::new(),
            count => paint(FAINT, &t!("  (hints: %{count})", count = count)),
        };
        _ = writeln!(out, "{mark}  {:<ids$}  {}{hints}", stage.id, stage.title.text());
    }
    out
}

/// How a stage stands, in ASCII: what else there is has another width in some Chinese terminals.
fn mark(progress: &Progress, stage: &Stage, current: Option<&Stage>) -> String {
    let is_current = current.is_some_and(|current| current.id == stage.id);
    match progress.at(stage).state {
        State::Passed => paint(GOOD, "[x]"),
        State::Skipped => paint(FAINT, "[-]"),
        State::Open if is_current => paint(BAD, "[>]"),
        State::Open => "[ ]".to_owned(),
    }
}

fn mark_width() -> usize {
    "[x]".width()
}
