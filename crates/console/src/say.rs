//! Lines on standard output and standard error.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};

use trace::Recorder;

/// Prints a line on standard output, flushed. It is no error if nobody reads the output any more.
pub fn say(line: impl Display) {
    let mut out = io::stdout().lock();
    _ = writeln!(out, "{line}");
    _ = out.flush();
}

/// Prints a line on standard error. It is no error if nobody reads that any more.
pub fn warn(line: impl Display) {
    _ = writeln!(io::stderr(), "{line}");
}

/// Prints a peer's text on standard output, and ends the line if the text does not.
///
/// At a terminal, control characters other than tab and new line are made visible: a server must
/// not be able to move its client's cursor.
pub fn say_text(text: &str) {
    let mut out = io::stdout().lock();
    let is_terminal = out.is_terminal();
    for character in text.chars() {
        _ = match character {
            '\n' | '\t' => write!(out, "{character}"),
            c if c.is_control() && is_terminal => write!(out, "{}", c.escape_debug()),
            c => write!(out, "{c}"),
        };
    }
    if !text.ends_with('\n') {
        _ = writeln!(out);
    }
    _ = out.flush();
}

/// The recorder behind `--trace`: a line on standard error for each call.
pub(crate) fn recorder() -> Recorder {
    Recorder::live(|event| warn(event))
}
