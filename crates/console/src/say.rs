//! Lines on standard output and standard error.
//!
//! A server's go through a [`LineQueue`], so that nobody who serves a client waits for whoever reads them. A
//! client has nobody to serve, and writes its lines itself.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};
use std::sync::OnceLock;
use std::time::Duration;

use endpoint::{Error, Stop};
use trace::Recorder;

use crate::line_queue::{LineQueue, Output, Priority, with_commas};

/// The queues of a server: a process has one standard output, and one standard error.
static QUEUES: OnceLock<Queues> = OnceLock::new();

/// At the end of a server: how long standard output may take nothing before its lines are given up.
const LOG_STALL_TIMEOUT: Duration = Duration::from_secs(1);

/// The same for standard error, where a few lines are expected at most.
const ERRORS_STALL_TIMEOUT: Duration = Duration::from_millis(500);

#[derive(Debug)]
struct Queues {
    /// What happens to clients, with the trace in between.
    log: LineQueue,
    /// Errors, which do not wait for the log.
    errors: LineQueue,
    stop: Stop,
}

/// From now on lines are written by threads of their own: for a server, which ends with `stop`.
///
/// # Errors
/// [`Error::Setup`] when the system has no threads for them.
pub(crate) fn write_in_threads(stop: &Stop) -> Result<(), Error> {
    let start = |name| {
        LineQueue::start(name).map_err(|source| Error::Setup { what: "a thread for lines", source })
    };
    let queues = Queues { log: start("log")?, errors: start("errors")?, stop: stop.clone() };
    // A process has one server's options; a second call finds the queues that there are.
    _ = QUEUES.set(queues);
    Ok(())
}

/// Waits until the lines are written that were said, if somebody reads them: within the time that Ctrl-C
/// leaves, or else until nobody has read for a second.
pub(crate) fn finish() {
    let Some(Queues { log, errors, stop }) = QUEUES.get() else { return };
    let given_up = log.finish(LOG_STALL_TIMEOUT, || stop.time_left());
    if given_up > 0 {
        warn(format_args!(
            "the last lines, {} of them, were not written: nobody reads standard output",
            with_commas(given_up)
        ));
    }
    errors.finish(ERRORS_STALL_TIMEOUT, || stop.time_left());
}

/// Prints a line on standard output. It is no error if nobody reads the output any more.
pub fn say(line: impl Display) {
    push(Output::Standard, Priority::Kept, line);
}

/// Prints a line on standard output before those of a server that still wait to be written: for what
/// somebody should know at once.
pub fn say_at_once(line: impl Display) {
    push(Output::Standard, Priority::Urgent, line);
}

/// Prints a line on standard output, which is left out, and counted, while a server has too many that
/// wait to be written.
pub fn say_detail(line: impl Display) {
    push(Output::Standard, Priority::Detail, line);
}

/// Prints a line on standard error. It is no error if nobody reads that any more.
pub fn warn(line: impl Display) {
    match QUEUES.get() {
        Some(queues) => queues.errors.push(Output::Error, Priority::Kept, line),
        None => _ = writeln!(io::stderr(), "{line}"),
    }
}

/// Prints a line among those on standard output, whichever of the two it goes to.
fn push(output: Output, priority: Priority, line: impl Display) {
    match (QUEUES.get(), output) {
        (Some(queues), _) => queues.log.push(output, priority, line),
        (None, Output::Standard) => {
            let mut out = io::stdout().lock();
            _ = writeln!(out, "{line}");
            _ = out.flush();
        }
        (None, Output::Error) => _ = writeln!(io::stderr(), "{line}"),
    }
}

/// Prints a peer's text on standard output, and ends the line if the text does not.
///
/// At a terminal, control characters other than tab and new line are made visible: a server must
/// not be able to move its client's cursor.
pub fn say_text(text: &str) {
    let mut out = io::stdout().lock();
    let text = if out.is_terminal() { for_terminal(text) } else { text.to_owned() };
    _ = out.write_all(text.as_bytes());
    if !text.ends_with('\n') {
        _ = writeln!(out);
    }
    _ = out.flush();
}

/// The text without control characters but tab and new line. The programs of Windows end a line with a carriage
/// return too, which moves nothing there.
fn for_terminal(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.replace("\r\n", "\n").chars() {
        match character {
            c if c.is_control() && !matches!(c, '\n' | '\t') => shown.extend(c.escape_debug()),
            c => shown.push(c),
        }
    }
    shown
}

/// The recorder behind `--trace`: a line on standard error for each call, in its place among the lines of
/// the log.
pub(crate) fn recorder() -> Recorder {
    Recorder::live(|event| push(Output::Error, Priority::Detail, event))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_windows_ends_as_any_other_and_nothing_moves_the_cursor() {
        assert_eq!(for_terminal("汉字\ta\r\nb\n"), "汉字\ta\nb\n");
        assert_eq!(for_terminal("a\rb\u{1b}[2J"), r"a\rb\u{1b}[2J");
    }
}
