//! A program under test, as the judge speaks of it.

use std::io;
use std::process::{Command, ExitStatus};
use std::time::Instant;

use process::{Error, Process};

use crate::failure::FailureKind;
use crate::folder;

/// How much of each stream of a program is kept, in bytes.
const OUTPUT_LIMIT: usize = 1 << 20;
/// How many of its last lines a report shows.
const LAST_WORDS: usize = 3;

/// A running program. It is killed, with all that it has started, when it is dropped.
#[derive(Debug)]
pub(crate) struct Program {
    process: Process,
    /// How it ended, once that was seen.
    ending: Option<Ending>,
}

/// How a program ended, and what it said last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// `exit status 1`, or the signal.
    pub how: String,
    /// The last lines of its standard error, or of its standard output if it has no errors.
    pub last_words: Vec<String>,
}

impl Program {
    /// Starts `words`, a program and its arguments, without a shell.
    ///
    /// # Errors
    /// When there is no such program.
    pub(crate) fn start(words: &[String]) -> io::Result<Program> {
        let (program, arguments) = words.split_first().ok_or(io::ErrorKind::InvalidInput)?;
        let mut command = Command::new(program);
        command.args(arguments);
        // A pipe is no terminal, so Python would keep what it prints until it ends.
        command.env("PYTHONUNBUFFERED", "1").env("PYTHONDONTWRITEBYTECODE", "1");
        match Process::start_with_limit(command, OUTPUT_LIMIT) {
            Ok(process) => Ok(Program { process, ending: None }),
            Err(Error::Start { source, .. }) => Err(source),
            Err(error) => Err(io::Error::other(error)),
        }
    }

    /// Types a line.
    pub(crate) fn type_line(&mut self, line: &str) {
        self.process.type_text(&format!("{line}\n"));
    }

    /// Ends the program's standard input.
    pub(crate) fn end_input(&mut self) {
        self.process.end_input();
    }

    /// Waits until `text` stands in what the program has printed since the text sought before.
    pub(crate) fn printed(&mut self, text: &str, deadline: Instant) -> bool {
        self.process.expect(text, deadline).is_ok()
    }

    /// What came instead of a text that was not printed. A program whose streams have ended has
    /// ended itself, or is about to.
    pub(crate) fn failure_kind(&self) -> FailureKind {
        match self.process.output().is_ended() {
            true => FailureKind::Closed,
            false if self.printed_since().is_empty() => FailureKind::Timeout,
            false => FailureKind::Mismatch,
        }
    }

    /// What the program has printed since the text sought last: its output, then its errors.
    pub(crate) fn printed_since(&self) -> String {
        self.process.unexpected()
    }

    /// Waits until the program has ended by itself.
    pub(crate) fn ended(&mut self, deadline: Instant) -> Option<Ending> {
        if self.ending.is_none() {
            let status = self.process.wait(deadline).ok()?;
            self.ending = Some(self.ending_with(status));
        }
        self.ending.clone()
    }

    /// How the program ended, if that was seen already. It may have ended since.
    pub(crate) fn seen_ending(&self) -> Option<Ending> {
        self.ending.clone()
    }

    /// The process id.
    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    fn ending_with(&self, status: ExitStatus) -> Ending {
        let how = match status.code() {
            Some(code) => format!("exit status {code}"),
            None => status.to_string(),
        };
        // What a program prints may not move the cursor of who reads the report.
        let words = self.process.last_words(LAST_WORDS);
        let last_words = words.iter().map(|line| trace::text::escape(line.as_bytes())).collect();
        Ending { how, last_words }
    }
}

/// When Ctrl-C is pressed, ends all programs that run, removes what was laid into folders for them, and
/// ends the judge itself. The terminal's signal does not reach the programs: they lead process groups of
/// their own.
///
/// # Errors
/// When the process has such an end already.
pub fn end_on_ctrl_c() -> Result<(), ctrlc::Error> {
    ctrlc::set_handler(|| {
        process::kill_all_then(|| {
            folder::clear_all();
            // What a shell says of a program that Ctrl-C has ended.
            std::process::exit(130)
        })
    })
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn an_ending_is_told_only_once_it_was_seen() {
        let words = ["sh", "-c", "echo why >&2; exit 3"].map(str::to_owned);
        let mut program = Program::start(&words).unwrap();
        assert_eq!(program.seen_ending(), None);
        let ending = program.ended(Instant::now() + Duration::from_secs(30)).unwrap();
        assert_eq!(
            (ending.how.as_str(), ending.last_words),
            ("exit status 3", vec!["why".to_owned()])
        );
        assert!(program.seen_ending().is_some());
    }
}
