//! The program: what is asked of it, and how it ends.

use std::env;
use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::Context;
use judge::text::terminal_width;
use language::Language;

use crate::call::{is_typed_into_watch, name_folder};
use crate::check::check;
use crate::commands::{here, hint, reset, skip, solution, start, status};
use crate::course::Course;
use crate::options::{Command, Options};
use crate::print::print;
use crate::watch::watch;

/// The exit status where a stage is not passed.
const NOT_PASSED: u8 = 1;
/// The exit status where something could not be done. (Wrong usage is 2, as clap has it.)
const NOT_DONE: u8 = 3;

/// Runs the program.
pub fn main() -> ExitCode {
    language::speak(Language::of_reader(Language::in_arguments(env::args_os())));
    let options = Options::of_command_line();
    match run(options) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(NOT_PASSED),
        Err(error) => {
            _ = writeln!(io::stderr(), "course: {error:#}");
            ExitCode::from(NOT_DONE)
        }
    }
}

/// Whether the stage is passed, if that was asked.
fn run(options: Options) -> anyhow::Result<bool> {
    match (&options.watched, &options.dir) {
        (Some(_), _) => is_typed_into_watch(),
        (None, Some(folder)) => name_folder(folder),
        (None, None) => {}
    }
    let width = options.watched.unwrap_or_else(terminal_width);
    if let Some(Command::Start { folder, choice, command }) = options.command {
        let folder = folder.or(options.dir);
        print(&start(folder.as_deref(), choice, command, width)?);
        return Ok(true);
    }
    let mut course = Course::open(options.dir.as_deref())?;
    let said = match options.command {
        Some(Command::Watch) => {
            is_typed_into_watch();
            watch(course.folder, options.patience, width)?;
            return Ok(true);
        }
        Some(Command::Check) => {
            judge::end_on_ctrl_c().context("cannot watch for Ctrl-C")?;
            return check(&mut course, options.patience, width);
        }
        None | Some(Command::Start { .. }) => here(&course, width),
        Some(Command::Hint) => hint(&course, width)?,
        Some(Command::Solution) => solution(&course)?,
        Some(Command::Skip) => skip(&mut course, width)?,
        Some(Command::Reset { stage }) => reset(&mut course, &stage, width)?,
        Some(Command::Status) => status(&course),
    };
    print(&said);
    Ok(true)
}
