//! Lines on standard output and standard error.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};

use trace::Recorder;

/// Prints a line on standard output, at once. If nobody reads it any more, that is no error.
pub fn say(line: impl Display) {
    let mut out = io::stdout().lock();
    _ = writeln!(out, "{line}");
    _ = out.flush();
}

/// Prints a line on standard error, beside the lines that a program is for.
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
    // Nobody may be reading standard error; that is no reason to end the conversation.
    Recorder::live(|event| warn(event))
}
