//! What the course does and says, apart from judging.

use std::fs;
use std::path::Path;

use anyhow::{Context, bail};
use language::wrap;
use rust_i18n::t;

use crate::call::{call, name_folder};
use crate::course::Course;
use crate::difference::difference;
use crate::folder::{DEFAULT, Folder, toolchain};
use crate::manifest::{Part, Stage};
use crate::page::{self, shown};
use crate::progress::{Progress, State};
use crate::road;
use crate::toolchain::{Choice, Toolchain};

/// Lays out a new course, and says where the learner is.
///
/// # Errors
/// When what they write in is not installed, or the folder cannot be laid out.
pub fn start(
    folder: Option<&Path>,
    choice: Choice,
    command: Option<String>,
    width: usize,
) -> anyhow::Result<String> {
    let root = folder.unwrap_or(Path::new(DEFAULT));
    if folder.is_some() {
        name_folder(root);
    }
    let progress = Progress::new(choice, command);
    let toolchain = toolchain(&progress)?;
    if !toolchain.is_installed() {
        bail!(match toolchain {
            Toolchain::Rust => t!(
                "cannot find cargo: install Rust (https://rustup.rs), or write in Python: --in python"
            ),
            _ => t!(
                "cannot find Python 3: install it (https://www.python.org), or write in Rust: --in rust"
            ),
        });
    }
    let mut course = Course::in_folder(Folder::create(root, &progress)?)?;
    let first = course.current().context("the road has no stage")?.id.clone();
    course.goes_on(&first, State::Open)?;
    let said = t!("Your course is in %{folder}.", folder = shown(course.folder.root()).display());
    Ok(format!("{}\n\n{}", wrap(&said, width).join("\n"), here(&course, width)))
}

/// Where the learner is, and what is next.
pub fn here(course: &Course, width: usize) -> String {
    match course.current() {
        Some(stage) => {
            let shown_hints = course.progress.at(stage).hints;
            let page = page::stage(&course.manifest, stage, &course.file(stage), width);
            page + &page::hints(stage, shown_hints, width)
        }
        None => page::finished(&course.manifest, &course.progress, width),
    }
}

/// One more hint, below those that were given before.
///
/// # Errors
/// When the progress cannot be written.
pub fn hint(course: &Course, width: usize) -> anyhow::Result<String> {
    let Some(stage) = course.current() else { return Ok(here(course, width)) };
    let shown = course.folder.update(|progress| {
        let at = progress.at_mut(stage);
        at.hints = stage.hints.len().min(at.hints + 1);
        at.hints
    })?;
    let title = page::title(&course.manifest, stage);
    let (hints, next) = (page::hints(stage, shown, width), page::next_hint(stage, shown, width));
    Ok(format!("{title}\n\n{hints}\n{next}"))
}

/// How the solution of this stage differs from what the learner has written.
///
/// # Errors
/// When their file cannot be read.
pub fn solution(course: &Course) -> anyhow::Result<String> {
    let Some(stage) = course.current() else {
        bail!(t!(
            "the road is at its end: `%{reset}` goes back to a stage",
            reset = call("reset STAGE")
        ))
    };
    let solution = stage.file(Part::Solution, course.toolchain.source());
    let solution = solution.context("this stage has no solution in this language")?;
    let title = page::title(&course.manifest, stage);
    if matches!(course.toolchain, Toolchain::Other(_)) {
        let said = t!("A solution in Python:");
        return Ok(format!("{title}\n{said}\n\n{solution}"));
    }
    let file = course.file(stage);
    let own = fs::read(&file).with_context(|| {
        t!(
            "cannot read %{file}; `%{reset}` lays out the starter again",
            file = shown(&file).display(),
            reset = call(&format!("reset {}", stage.id))
        )
        .into_owned()
    })?;
    let difference = difference(&String::from_utf8_lossy(&own), solution);
    let said = match &difference {
        Some(_) => {
            t!("Lines with - are yours, lines with + a solution's. Yours may differ, and be right.")
        }
        None => t!("What you have written is the solution, to the letter."),
    };
    Ok(format!("{title}\n{said}\n\n{}", difference.unwrap_or_default()))
}

/// Goes on without this stage.
///
/// # Errors
/// When the progress cannot be written, or the next program not laid out.
pub fn skip(course: &mut Course, width: usize) -> anyhow::Result<String> {
    let Some(stage) = course.current().cloned() else { return Ok(here(course, width)) };
    course.goes_on(&stage.id, State::Skipped)?;
    let mut out = t!("skipped: %{title}", title = stage.title.text()).into_owned() + "\n";
    let next = course.current().filter(|next| next.program == stage.program);
    if let Some(next) = next {
        let said = t!(
            "Your program stays as it is. `%{reset}` begins the next stage with a solution of this \
             one, and keeps your file.",
            reset = call(&format!("reset {}", next.id))
        );
        out += &(wrap(&said, width).join("\n") + "\n");
    }
    Ok(format!("{out}\n{}", here(course, width)))
}

/// Goes back to a stage: keeps the learner's file under another name, and lays out the starter.
/// What the program learns from there on is open again.
///
/// # Errors
/// When there is no such stage, or the files cannot be moved and laid out.
pub fn reset(course: &mut Course, id: &str, width: usize) -> anyhow::Result<String> {
    let Some(stage) = course.manifest.stage(id).cloned() else {
        bail!(t!(
            "there is no stage %{id}: `%{status}` names those of your program, the first is %{first}",
            id = format!("{id:?}"),
            status = call("status"),
            first = course.manifest.stages.first().map_or("", |stage| &stage.id)
        ));
    };
    let is_ahead = |now: &Stage| course.manifest.place(&stage) > course.manifest.place(now);
    if course.current().is_some_and(is_ahead) {
        bail!(t!(
            "you have not come to %{id} yet: `%{skip}` goes on by one stage",
            id = stage.id,
            skip = call("skip")
        ));
    }
    let aside = course.folder.set_aside(&stage.program, &course.toolchain)?;
    course.folder.lay_out(&course.manifest, &stage, &course.toolchain)?;
    let from_there = |it: &&Stage| course.manifest.place(it) >= course.manifest.place(&stage);
    let open: Vec<&Stage> = course.manifest.stages_of(&stage.program).filter(from_there).collect();
    course.progress = course.folder.update(|progress| {
        for stage in open {
            progress.at_mut(stage).state = State::Open;
        }
        progress.clone()
    })?;
    let file = course.file(&stage);
    let (id, file) = (&stage.id, shown(&file).display().to_string());
    let said = match aside {
        Some(aside) => t!(
            "What you had written is now %{aside}. The starter of %{id} is %{file}.",
            aside = shown(&aside).display(),
            id = id,
            file = file
        ),
        None => t!("The starter of %{id} is %{file}.", id = id, file = file),
    };
    let out = wrap(&said, width).join("\n");
    Ok(format!("{out}\n\n{}", here(course, width)))
}

/// The picture of the road.
pub fn status(course: &Course) -> String {
    road::picture(&course.manifest, &course.progress)
}
