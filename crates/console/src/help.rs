//! The help of a program, and what is wrong with a command line, printed where all else is printed.

use clap::Error;
use language::{command_line, text};

/// The headings of options that many programs have: `command_line` finds their Chinese.
#[expect(dead_code, reason = "named here for the catalogue's test")]
const HEADINGS: [&str; 2] = [text!("Options of every server"), text!("Options of every client")];

/// Prints the help, or what is wrong, where clap would.
pub(crate) fn print(error: &Error) -> std::io::Result<()> {
    match command_line::rendered(error) {
        Some(text) if error.use_stderr() => crate::say::warn(text),
        Some(text) => crate::say::say(text),
        None => return error.print(),
    }
    Ok(())
}
