//! The judge's program: what it prints, and how it ends. The README says how to use it.

use std::env;
use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::Context;
use judge::text::{self, Page};
use judge::{Args, PlanError};
use language::{Language, command_line};

/// The exit status where something does not hold.
const SOME_FAILED: u8 = 1;
/// The exit status where the program could not be tried. (Wrong usage is 2, as clap has it.)
const NOT_TRIED: u8 = 3;

fn main() -> ExitCode {
    let option = Language::in_arguments(env::args_os());
    language::speak(Language::of_reader(option));
    let args = Args::of_command_line();
    match judge(&args) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(SOME_FAILED),
        Err(error) => {
            _ = writeln!(io::stderr(), "judge: {error:#}");
            ExitCode::from(NOT_TRIED)
        }
    }
}

/// Whether all that was tried holds.
fn judge(args: &Args) -> anyhow::Result<bool> {
    let width = text::terminal_width();
    if let Some(lessons) = args.listed() {
        print(&text::list(&lessons.or_else(fail)?, width));
        return Ok(true);
    }
    let plan = args.plan().or_else(fail)?;
    judge::end_on_ctrl_c().context("cannot watch for Ctrl-C")?;
    if args.is_json() {
        // Data is for programs: its texts are those of the code, whoever reads.
        language::speak(Language::English);
    }
    let page = Page::new(width, plan.probes.iter().map(|probe| probe.id));
    let report = plan.run(|finding| {
        if !args.is_json() {
            print(&format!("{}\n", page.line(finding)));
        }
    })?;
    match args.is_json() {
        true => {
            print(&(serde_json::to_string_pretty(&report).context("cannot write JSON")? + "\n"))
        }
        false => print(&page.summary(&report, args.explains_all())),
    }
    Ok(report.all_hold())
}

/// Ends the judge if the options are wrong.
fn fail<T>(error: PlanError) -> Result<T, PlanError> {
    match error {
        PlanError::Usage(usage) => command_line::exit(&usage),
        other => Err(other),
    }
}

/// Prints at once, in colour if somebody looks. If nobody reads it any more, that is no error.
fn print(text: &str) {
    let mut out = anstream::stdout().lock();
    _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}
