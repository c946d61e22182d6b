//! Runs a remote command safely: allow-list, both pipes drained, time and size limits.
//!
//! A server that runs what a peer asks for has three ways to hang, and one to be taken over:
//!
//! - It reads standard output to its end before standard error. A command that fills the other
//!   pipe (64 KiB on Linux, pipe(7)) waits for the server, and the server for the command. Here
//!   both pipes are read as they fill.
//! - The command never ends, or waits for input, or leaves a child behind that holds the pipe open.
//!   Here standard input is empty, and a time limit ends the command with its whole process group.
//! - The command prints without end. Here the answer has a size limit.
//! - It hands the peer's words to a shell. Here only programs on a list are run, and no shell sees
//!   the words, unless the server's owner asks for [`Runner::shell`].
//!
//! # Without a shell
//!
//! A request is one line. It is split into words as a POSIX shell splits it, the first word must be
//! on the list exactly as it stands there, and the other words go to that program as they are.
//! Since no shell runs, `;` or `$(…)` could do nothing; they are refused all the same, because
//! `echo a; rm x` answered by `a; rm x` would teach that a shell had read it. What passes means
//! what it would mean to a POSIX shell. Refused are, where they are not quoted: `;` `&` `|` `<` `>`
//! `(` `)` `*` `?` `[`, and `~` that begins a word; and, except in single quotes, `$` and the
//! backtick. Quoted or escaped they are plain text.
//!
//! On the default list, two programs could do more than show something, so their arguments are
//! checked: `date` must not set the clock or read a file, and `ps` must not show the environment of
//! processes, where passwords are often kept. What remains is what the list is for: whoever can
//! connect sees the names of files, the command lines of processes and the state of disks that this
//! program's user may see.
//!
//! # Systems
//!
//! Process groups are a Unix matter. On Windows the time limit ends the command itself and not its
//! children, and `dir`, `date` and `echo`, which are no programs there but words of `cmd`, fail to
//! start without [`Runner::shell`].

mod error;
mod request;
mod supervise;

#[cfg(unix)]
mod poll;
#[cfg(any(not(unix), test))]
mod threads;

use std::fmt;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

pub use error::Error;

/// The programs that [`Runner::default`] may run.
pub const DEFAULT_ALLOWED: &[&str] =
    &["ls", "dir", "pwd", "date", "echo", "seq", "uname", "whoami", "ps", "df", "uptime", "true"];

/// What may be run, for how long, and how much it may say.
///
/// ```
/// let runner = command::Runner::allowing(["echo"]);
/// # #[cfg(unix)]
/// assert_eq!(runner.answer(b"echo 'hello world'\n"), b"hello world\n");
/// let refused = String::from_utf8(runner.answer(b"rm -r /")).unwrap();
/// assert!(refused.starts_with("command: `rm` is not on the allow-list (echo)"));
/// ```
#[derive(Debug, Clone)]
pub struct Runner {
    allowed: Option<Vec<String>>,
    time_limit: Duration,
    output_limit: usize,
    stop: Arc<AtomicBool>,
}

impl Runner {
    /// Runs these programs only, and no shell.
    ///
    /// A program is named as a request must name it in its first word, and is looked up on the
    /// `PATH`: `ls` on the list allows neither `/bin/ls` nor `./ls`.
    #[must_use]
    pub fn allowing(programs: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self::new(Some(programs.into_iter().map(Into::into).collect()))
    }

    /// Runs anything, through `sh -c` (`cmd /C` on Windows): for a peer who may do all that the
    /// user of this program may do.
    #[must_use]
    pub fn shell() -> Self {
        Self::new(None)
    }

    /// Ends a command that runs for longer than this. The default is 10 s.
    #[must_use]
    pub fn time_limit(mut self, limit: Duration) -> Self {
        self.time_limit = limit;
        self
    }

    /// Ends a command that prints more than this many bytes on standard output and standard error
    /// together. The default is 16 MiB.
    #[must_use]
    pub fn output_limit(mut self, limit: usize) -> Self {
        self.output_limit = limit;
        self
    }

    /// Ends a running command within a tenth of a second once `stop` is set: for a server that has to
    /// end.
    #[must_use]
    pub fn stopped_by(mut self, stop: Arc<AtomicBool>) -> Self {
        self.stop = stop;
        self
    }

    /// The programs that may be run; `None` for a shell, which may run anything.
    #[must_use]
    pub fn allowed(&self) -> Option<&[String]> {
        self.allowed.as_deref()
    }

    /// Runs a request and answers with what it printed: standard output, then standard error.
    ///
    /// This never fails. What was refused is told in the answer as its one line, and what was cut
    /// as its last line; both begin with `command: `. With a cut the answer has no more bytes than
    /// the output limit, that line included, so that it fits where a full answer fits. (Only an
    /// output limit too small for the line itself is exceeded, by the line.)
    pub fn answer(&self, request: &[u8]) -> Vec<u8> {
        match self.run(request) {
            Ok(output) => output.into_answer(self.output_limit),
            Err(error) => format!("command: {}\n", with_cause(&error)).into_bytes(),
        }
    }

    /// Runs a request, which is a command line in UTF-8; white space at its ends is ignored.
    ///
    /// Returns when the command has ended and its pipes are closed, or at a limit. If children of
    /// the command still hold a pipe, 200 ms of silence end the wait. Whatever of the command's
    /// process group then remains is killed, and the command itself is waited for. A child that
    /// has left the group (setsid(1)) lives on, but nothing here waits for it.
    ///
    /// # Errors
    ///
    /// Every [`Error`] but the last two says why the request was refused, before anything ran.
    pub fn run(&self, request: &[u8]) -> Result<Output, Error> {
        let (program, mut command) = match &self.allowed {
            Some(allowed) => {
                let (program, arguments) = request::words(request, allowed)?;
                let mut command = Command::new(&program);
                command.args(arguments);
                (program, command)
            }
            None => shell_command(request::script(request)?),
        };
        let child = match supervise::start(&mut command) {
            Ok(child) => child,
            Err(source) => return Err(Error::Start { program, source }),
        };
        supervise::collect(child, self.time_limit, self.output_limit, &self.stop)
            .map_err(|source| Error::Read { program, source })
    }

    fn new(allowed: Option<Vec<String>>) -> Self {
        Self {
            allowed,
            time_limit: Duration::from_secs(10),
            output_limit: 16 * 1024 * 1024,
            stop: Arc::default(),
        }
    }
}

impl Default for Runner {
    /// Runs the programs of [`DEFAULT_ALLOWED`].
    fn default() -> Self {
        Self::allowing(DEFAULT_ALLOWED.iter().copied())
    }
}

/// What a command left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// The bytes of its standard output.
    pub stdout: Vec<u8>,
    /// The bytes of its standard error.
    pub stderr: Vec<u8>,
    /// Its exit status; `None` if a signal ended it.
    pub status: Option<i32>,
    /// The limit that ended it, if one did.
    pub cut: Option<Cut>,
}

impl Output {
    fn into_answer(self, limit: usize) -> Vec<u8> {
        let mut answer = self.stdout;
        answer.extend_from_slice(&self.stderr);
        if let Some(cut) = self.cut {
            let note = format!("command: {cut}\n");
            answer.truncate(limit.saturating_sub(note.len() + 1));
            if answer.last().is_some_and(|&byte| byte != b'\n') {
                answer.push(b'\n');
            }
            answer.extend_from_slice(note.as_bytes());
        }
        answer
    }
}

/// The limit that ended a command before its own end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// It ran for longer than this.
    Time(Duration),
    /// It printed more than this many bytes.
    Size(usize),
    /// The server could not wait for its end.
    Stop,
}

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Time(limit) => write!(f, "ended after {} s", limit.as_secs_f64()),
            Self::Size(limit) => write!(f, "output cut at {limit} bytes"),
            Self::Stop => f.write_str("ended, because the server stops"),
        }
    }
}

#[cfg(not(windows))]
fn shell_command(script: &str) -> (String, Command) {
    let mut command = Command::new("sh");
    command.arg("-c").arg(script);
    ("sh".to_owned(), command)
}

#[cfg(windows)]
fn shell_command(script: &str) -> (String, Command) {
    use std::os::windows::process::CommandExt;

    let mut command = Command::new("cmd");
    // With /S, cmd takes off the outer quotes and reads what is between them as it stands; the
    // usual quoting of arguments would put backslashes in, which cmd does not understand.
    command.args(["/S", "/C"]).raw_arg(format!("\"{script}\""));
    ("cmd".to_owned(), command)
}

fn with_cause(error: &Error) -> String {
    match std::error::Error::source(error) {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut_output(stdout: &str, cut: Cut) -> Output {
        let stderr = b"E".to_vec();
        Output { stdout: stdout.as_bytes().to_vec(), stderr, status: None, cut: Some(cut) }
    }

    #[test]
    fn the_answer_is_standard_output_then_standard_error() {
        let output =
            Output { stdout: b"out".into(), stderr: b"err".into(), status: Some(1), cut: None };
        assert_eq!(output.into_answer(100), b"outerr");
    }

    #[test]
    fn the_last_line_of_an_answer_says_that_time_was_up() {
        let answer = cut_output("out", Cut::Time(Duration::from_secs(10))).into_answer(100);
        assert_eq!(String::from_utf8_lossy(&answer), "outE\ncommand: ended after 10 s\n");
    }

    #[test]
    fn the_last_line_of_an_answer_says_where_it_was_cut_and_fits_the_limit() {
        let answer = cut_output(&"x".repeat(49), Cut::Size(50)).into_answer(50);
        let expected = format!("{}\ncommand: output cut at 50 bytes\n", "x".repeat(17));
        assert_eq!(String::from_utf8_lossy(&answer), expected);
        assert_eq!(answer.len(), 50);
    }

    #[test]
    fn a_limit_below_the_length_of_its_own_line_still_gets_the_line() {
        let answer = cut_output("abcd", Cut::Size(5)).into_answer(5);
        assert_eq!(String::from_utf8_lossy(&answer), "command: output cut at 5 bytes\n");
    }

    #[test]
    fn a_limit_of_less_than_a_second_is_told_in_parts_of_one() {
        assert_eq!(Cut::Time(Duration::from_millis(250)).to_string(), "ended after 0.25 s");
    }
}
