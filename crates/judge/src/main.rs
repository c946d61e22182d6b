//! The judge's program: what it prints, and how it ends. The README says how to use it.

use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::Context;
use clap::Parser;
use judge::{Args, PlanError, lessons, text};

fn main() -> ExitCode {
    let args = Args::parse();
    match judge(&args) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            _ = writeln!(io::stderr(), "judge: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Whether all that was tried holds.
fn judge(args: &Args) -> anyhow::Result<bool> {
    if args.is_list() {
        print(&text::list(&lessons()));
        return Ok(true);
    }
    let plan = match args.plan() {
        Err(PlanError::Usage(usage)) => usage.exit(),
        plan => plan?,
    };
    judge::end_on_ctrl_c().context("cannot watch for Ctrl-C")?;
    let report = plan.run(|finding| {
        if !args.is_json() {
            print(&format!("{}\n", text::line(finding)));
        }
    })?;
    match args.is_json() {
        true => {
            print(&(serde_json::to_string_pretty(&report).context("cannot write JSON")? + "\n"))
        }
        false => print(&text::summary(&report)),
    }
    Ok(report.all_hold())
}

/// Prints at once, in colour if somebody looks. If nobody reads it any more, that is no error.
fn print(text: &str) {
    let mut out = anstream::stdout().lock();
    _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}
