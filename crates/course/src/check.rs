//! Judges the learner's program once.

use std::env;
use std::io;
use std::time::Duration;

use anyhow::{Context, anyhow};
use judge::text::Page;
use rust_i18n::t;

use crate::call::call;
use crate::commands::here;
use crate::course::Course;
use crate::manifest::Stage;
use crate::page::{self, shown};
use crate::print::print;
use crate::progress::State;
use crate::toolchain::{BuildError, Toolchain};
use crate::trial::{Tried, plan};

/// Judges the stage that is to be done now, waiting so long for what is expected, prints what comes of it, and if it is passed, goes on to the next.
/// Says whether it is.
///
/// # Errors
/// When the program cannot be tried: it does not start, or there is none.
pub fn check(course: &mut Course, patience: Duration, width: usize) -> anyhow::Result<bool> {
    let Some(stage) = course.current().cloned() else {
        print(&here(course, width));
        return Ok(true);
    };
    print(&format!("{}\n", page::title(&course.manifest, &stage)));
    if !built(course, &stage, width)? {
        return Ok(false);
    }
    let demands = course.demands(&stage);
    let tried = try_program(course, &stage, &demands, patience, width)?;
    let page = Page::new(width, []);
    if !tried.passes() {
        let hints = course.progress.at(&stage).hints;
        print(&page::failed(&page, &stage, &tried, hints, width));
        return Ok(false);
    }
    let explained = page::broken(&page, &tried);
    course.goes_on(&stage.id, State::Passed)?;
    print(&explained);
    print(&page::passed(&course.manifest, &stage, &course.progress));
    print(&format!("\n{}", here(course, width)));
    Ok(true)
}

/// Whether the program could be built. What the compiler says is printed.
fn built(course: &Course, stage: &Stage, width: usize) -> anyhow::Result<bool> {
    let file = course.file(stage);
    let is_ours = !matches!(course.toolchain, Toolchain::Other(_));
    if is_ours && !file.is_file() {
        let message = t!(
            "cannot find %{file}; `%{reset}` lays out the starter again",
            file = shown(&file).display(),
            reset = call(&format!("reset {}", stage.id))
        );
        anyhow::bail!(message);
    }
    let in_colour = anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never;
    match course.toolchain.build(course.folder.root(), &stage.program, in_colour) {
        Ok(()) => Ok(true),
        Err(BuildError::Refused(said)) => {
            let hints = course.progress.at(stage).hints;
            print(&page::not_built(&said, stage, hints, width));
            Ok(false)
        }
        Err(error) => Err(error.into()),
    }
}

/// Has the judge try the program, and prints each finding as it comes.
fn try_program<'a>(
    course: &Course,
    stage: &'a Stage,
    demands: &'a [&'a str],
    patience: Duration,
    width: usize,
) -> anyhow::Result<Tried<'a>> {
    let words = course.toolchain.words(course.folder.root(), &stage.program);
    let all: Vec<&str> =
        demands.iter().copied().chain(stage.must_fail.iter().map(String::as_str)).collect();
    // Some probes are not on every system: a Ctrl-C cannot be sent to a program of Windows.
    let mut plan = plan(&course.manifest, stage, &words, &all).map_err(|_| {
        anyhow!(t!(
            "%{title} cannot be tried on this system; `%{skip}` goes on without it",
            title = stage.title.text(),
            skip = call("skip")
        ))
    })?;
    plan.setting.patience = patience;
    let page = Page::new(width, plan.probes.iter().map(|probe| probe.id));
    // A command of another language is one of the course's folder.
    let here = env::current_dir().context("cannot tell which folder this is")?;
    if matches!(course.toolchain, Toolchain::Other(_)) {
        env::set_current_dir(course.folder.root()).context("cannot go to the course's folder")?;
    }
    let report = plan.run(|finding| print(&(page::finding(&page, stage, finding) + "\n")));
    env::set_current_dir(here).context("cannot go back to the folder of before")?;
    Ok(Tried::new(stage, demands, report?))
}
