//! What a server may run for its peers.

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use crate::answers::{Answer, AnswerMemory, Reserved};
use crate::captured::Captured;
use crate::limits::Limits;
#[cfg(windows)]
use crate::output::Cut;
use crate::{Error, Output, builtin, request, supervise};

/// The programs that [`Runner::default`] may run.
#[cfg(not(windows))]
pub const DEFAULT_ALLOWED: &[&str] =
    &["ls", "dir", "pwd", "date", "echo", "seq", "uname", "whoami", "ps", "df", "uptime", "true"];

/// The programs that [`Runner::default`] may run: those that are answered here (`builtin.rs`), and Windows' own.
#[cfg(windows)]
pub const DEFAULT_ALLOWED: &[&str] = &[
    "ls", "dir", "pwd", "date", "echo", "seq", "true", "whoami", "hostname", "ipconfig",
    "tasklist", "ver",
];

const DEFAULT_TIME_LIMIT: Duration = Duration::from_secs(10);

/// In bytes.
const DEFAULT_OUTPUT_LIMIT: usize = 16 << 20;

/// In bytes.
const DEFAULT_MEMORY_LIMIT: usize = 256 << 20;

/// In bytes.
const DEFAULT_ANSWERS_LIMIT: usize = 256 << 20;

/// What may be run, for how long, and how much it may say.
///
/// ```
/// let runner = command::Runner::allowing(["echo"]);
/// assert_eq!(*runner.answer(b"echo 'hello world'\n"), *b"hello world\n");
/// let refused = String::from_utf8(runner.answer(b"rm -r /").into_bytes())?;
/// assert!(refused.starts_with("command: `rm` is not on the allow-list (echo)"));
/// # Ok::<(), std::string::FromUtf8Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Runner {
    allowed: Option<Vec<String>>,
    time_limit: Duration,
    output_limit: usize,
    memory_limit: usize,
    answers: AnswerMemory,
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

    /// Limits the memory of each process of a command to so many bytes. The default is 256 MiB.
    ///
    /// On Linux this is what a process may write to and shares with no other (RLIMIT_DATA, getrlimit(2)), and
    /// it holds from the process's first instruction. Other Unix systems count less. Windows counts nothing.
    #[must_use]
    pub fn memory_limit(mut self, limit: usize) -> Self {
        self.memory_limit = limit;
        self
    }

    /// Limits the answers of this runner and of its clones together, those that are made and those that are
    /// kept, to so many bytes. The default is 256 MiB. A command for whose output nothing is left is ended,
    /// and its answer says so.
    #[must_use]
    pub fn answers_limit(mut self, limit: usize) -> Self {
        self.answers = AnswerMemory::new(limit);
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
    /// A refusal is an answer too, and this never fails. What was refused is told in the answer as its
    /// one line, and what was cut as its last line; both begin with `command: `. With a cut the answer
    /// has no more bytes than the output limit, that line included, so that it fits where a full answer
    /// fits. (Only an output limit too small for the line itself is exceeded, by the line.)
    ///
    /// As long as the answer is kept, it counts among the answers that [`Runner::answers_limit`] is about.
    pub fn answer(&self, request: &[u8]) -> Answer {
        match self.run_reserved(request) {
            Ok((output, mut reserved)) => {
                let mut bytes = output.into_answer(self.output_limit);
                // The answer may wait for long: what was kept in reserve goes back at once.
                bytes.shrink_to_fit();
                reserved.resize(bytes.capacity());
                Answer::new(bytes, reserved)
            }
            Err(error) => format!("command: {}\n", with_cause(&error)).into_bytes().into(),
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
        self.run_reserved(request).map(|(output, _)| output)
    }

    /// Runs a request, and says how much of the answers' memory its output has.
    fn run_reserved(&self, request: &[u8]) -> Result<(Output, Reserved), Error> {
        let (program, arguments) = self.parse(request)?;
        let captured = Captured::new(self.output_limit, self.answers.begin());
        if self.allowed.is_some() && builtin::has(&program) {
            return Ok(builtin::run((&program, &arguments), self.time_limit, captured, &self.stop));
        }
        let limits = Limits { memory: self.memory_limit, time: self.time_limit };
        let is_for_a_shell = self.allowed.is_none();
        let started = limits
            .command(&program, |command| add_arguments(command, &arguments, is_for_a_shell))
            .and_then(supervise::start);
        let child = match started {
            Ok(child) => child,
            Err(source) => return Err(Error::Start { program, source }),
        };
        let collected = supervise::collect(child, self.time_limit, captured, &self.stop)
            .map_err(|source| Error::Read { program, source });
        #[cfg(windows)]
        let collected =
            collected.map(|(output, reserved)| (in_utf8(output, self.output_limit), reserved));
        collected
    }

    /// The program and the arguments that a request would run; nothing is run.
    ///
    /// # Errors
    ///
    /// Every [`Error`] but the last two says why the request is refused.
    pub fn parse(&self, request: &[u8]) -> Result<(String, Vec<String>), Error> {
        match &self.allowed {
            Some(allowed) => request::words(request, allowed),
            None => Ok(through_a_shell(request::script(request)?)),
        }
    }

    fn new(allowed: Option<Vec<String>>) -> Self {
        Self {
            allowed,
            time_limit: DEFAULT_TIME_LIMIT,
            output_limit: DEFAULT_OUTPUT_LIMIT,
            memory_limit: DEFAULT_MEMORY_LIMIT,
            answers: AnswerMemory::new(DEFAULT_ANSWERS_LIMIT),
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

#[cfg(not(windows))]
fn through_a_shell(script: &str) -> (String, Vec<String>) {
    ("sh".to_owned(), vec!["-c".to_owned(), script.to_owned()])
}

/// With /S, cmd takes off the outer quotes and reads what is between them as it stands.
#[cfg(windows)]
fn through_a_shell(script: &str) -> (String, Vec<String>) {
    let arguments = vec!["/S".to_owned(), "/C".to_owned(), format!("\"{script}\"")];
    ("cmd".to_owned(), arguments)
}

#[cfg(not(windows))]
fn add_arguments(command: &mut Command, arguments: &[String], _is_for_a_shell: bool) {
    command.args(arguments);
}

/// The usual quoting of arguments would put backslashes in, which cmd does not understand.
#[cfg(windows)]
fn add_arguments(command: &mut Command, arguments: &[String], is_for_a_shell: bool) {
    use std::os::windows::process::CommandExt;

    for argument in arguments {
        match is_for_a_shell {
            true => command.raw_arg(argument),
            false => command.arg(argument),
        };
    }
}

/// An output as text in UTF-8, which may be longer than in the console's code page.
#[cfg(windows)]
fn in_utf8(output: Output, limit: usize) -> Output {
    let [stdout, stderr] = [output.stdout, output.stderr].map(crate::code_page::to_utf8);
    let is_longer = stdout.len() + stderr.len() > limit;
    let cut = output.cut.or(is_longer.then_some(Cut::Size(limit)));
    Output { stdout, stderr, cut, ..output }
}

fn with_cause(error: &Error) -> String {
    match std::error::Error::source(error) {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}
