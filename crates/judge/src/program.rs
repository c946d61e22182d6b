//! A program under test, as the judge speaks of it.

use std::io;
use std::process::{Command, ExitStatus};
use std::thread;
use std::time::{Duration, Instant};

use process::{Error, Process};
use rust_i18n::t;
use trace::text::escape_controls;

use crate::failure::FailureKind;
use crate::folder;

/// How much of each stream of a program is kept, in bytes.
const OUTPUT_LIMIT: usize = 1 << 20;
/// How many of its last lines a report shows.
const LAST_WORDS: usize = 3;
/// How many characters of such a line it shows.
const MAX_WORDS: usize = 200;
/// How long a program that has just closed a connection may take to end.
const END_TIMEOUT: Duration = Duration::from_secs(2);
/// The pause between two looks whether what a program has started still runs.
const POLL_INTERVAL: Duration = Duration::from_millis(5);

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
    /// Whether that was no failure: the status is 0.
    pub is_success: bool,
    /// The last lines of its standard error, or of its standard output if it has no errors.
    pub last_words: Vec<String>,
}

/// What a program has come to when a probe has failed.
#[derive(Debug, Default)]
pub(crate) struct Aftermath {
    /// How it ended, if it did.
    pub(crate) ended: Option<String>,
    /// What it said last, or what stands on its standard error while it runs.
    pub(crate) words: Vec<String>,
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

    /// Does to the program what Ctrl-C does at a terminal.
    ///
    /// # Errors
    /// When that cannot be done: on Windows, or since it has ended.
    pub(crate) fn interrupt(&self) -> io::Result<()> {
        #[cfg(unix)]
        return self.process.interrupt().map_err(io::Error::other);
        #[cfg(not(unix))]
        return Err(io::ErrorKind::Unsupported.into());
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

    /// Waits until the program has ended by itself. One that has gone into the background has not.
    pub(crate) fn ended(&mut self, deadline: Instant) -> Option<Ending> {
        if self.ending.is_none() {
            let status = self.process.wait(deadline).ok()?;
            while status.success() && self.process.has_descendants() {
                if Instant::now() >= deadline {
                    return None;
                }
                thread::sleep(POLL_INTERVAL);
            }
            self.ending = Some(self.ending_with(status));
        }
        self.ending.clone()
    }

    /// What the program has come to. After a failure that looks like an end, it is given some time for it;
    /// after another one, it may end only because the probe is over.
    pub(crate) fn aftermath(&mut self, failed: FailureKind) -> Aftermath {
        let looks_ended = matches!(failed, FailureKind::Closed | FailureKind::Refused);
        let ending = match looks_ended {
            true => self.ended(Instant::now() + END_TIMEOUT),
            false => self.ending.clone(),
        };
        match ending {
            Some(ending) => Aftermath { ended: Some(ending.how), words: ending.last_words },
            None => Aftermath { ended: None, words: shown(&self.process.last_errors(LAST_WORDS)) },
        }
    }

    /// Whether the program has ended, or soon does, with success and without a word on its standard error.
    pub(crate) fn has_left(&mut self) -> bool {
        let ending = self.ended(Instant::now() + END_TIMEOUT);
        ending.is_some_and(|ending| ending.is_success) && self.process.last_errors(1).is_empty()
    }

    /// The process id.
    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    fn ending_with(&self, status: ExitStatus) -> Ending {
        let how = match status.code() {
            Some(code) => t!("exit status %{code}", code = code).into_owned(),
            None => status.to_string(),
        };
        let last_words = shown(&self.process.last_words(LAST_WORDS));
        Ending { how, is_success: status.success(), last_words }
    }
}

/// Lines of a program, so that they do not move the cursor of who reads the report, and have an end.
fn shown(lines: &[String]) -> Vec<String> {
    let shown = |line: &String| {
        let start: String = line.chars().take(MAX_WORDS).collect();
        let more = if start.len() < line.len() { "…" } else { "" };
        escape_controls(&start) + more
    };
    lines.iter().map(shown).collect()
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

    fn shell(script: &str) -> Program {
        Program::start(&["sh", "-c", script].map(str::to_owned)).unwrap()
    }

    /// Never waited for, unless the machine is busy.
    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(30)
    }

    #[test]
    fn an_ending_is_told_only_once_it_was_seen() {
        let mut program = shell("echo why >&2; exit 3");
        assert_eq!(program.aftermath(FailureKind::Mismatch).ended, None);
        let ending = program.ended(soon()).unwrap();
        assert_eq!((&*ending.how, &*ending.last_words), ("exit status 3", &["why".to_owned()][..]));
        assert_eq!(
            program.aftermath(FailureKind::Mismatch).ended,
            Some("exit status 3".to_owned())
        );
        assert!(!program.has_left());
    }

    #[test]
    fn words_are_shown_as_they_were_printed_with_an_end_and_without_what_moves_the_cursor() {
        let script =
            r#"printf '%s\n' 'no file C:\new\"x"' >&2; printf '\033[2J\n%0999d' 0 >&2; exit 1"#;
        let words = shell(script).ended(soon()).unwrap().last_words;
        assert_eq!(words[..2], [r#"no file C:\new\"x""#, r"\u{1b}[2J"]);
        assert_eq!(words[2], format!("{}…", "0".repeat(MAX_WORDS)));
    }

    #[test]
    fn what_a_program_says_of_errors_is_there_while_it_runs() {
        let mut program = shell("echo thread died >&2; echo on; sleep 600");
        assert!(program.printed("died", soon()));
        let aftermath = program.aftermath(FailureKind::Timeout);
        assert_eq!((aftermath.ended, aftermath.words), (None, vec!["thread died".to_owned()]));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_program_that_goes_into_the_background_has_not_ended() {
        let mut program = shell("(setsid sleep 600 >&- 2>&- &); exit 0");
        program.process.wait(soon()).unwrap();
        assert_eq!(program.ended(Instant::now() + Duration::from_millis(200)), None);
    }
}
