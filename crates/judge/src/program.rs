//! A program under test: a process, and what it has printed.

use std::io::{self, Read, Write};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::failure::Came;

/// How much of a program's output is kept; what it prints beyond that is thrown away.
const KEPT: usize = 1 << 20;
/// How many of its last words a report shows.
const LAST_WORDS: usize = 3;
/// How often an ending program is looked at.
const LOOK: Duration = Duration::from_millis(2);

/// A running program. It is killed, with all that it has started, when it is dropped.
#[derive(Debug)]
pub(crate) struct Program {
    child: Child,
    stdin: Option<ChildStdin>,
    said: Arc<Said>,
    /// Where in the output the next search begins.
    mark: usize,
}

/// How a program ended, and what it said last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// `exit status 1`, or the signal.
    pub how: String,
    /// The last lines of its standard error, or of its standard output if it has no errors.
    pub last_words: Vec<String>,
}

#[derive(Debug, Default)]
struct Said {
    streams: Mutex<Streams>,
    more: Condvar,
}

#[derive(Debug, Default)]
struct Streams {
    /// Both streams, as they came.
    all: Vec<u8>,
    errors: Vec<u8>,
    open: usize,
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
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        // A pipe is no terminal, so Python would keep what it prints until it ends.
        command.env("PYTHONUNBUFFERED", "1").env("PYTHONDONTWRITEBYTECODE", "1");
        group::lead(&mut command);
        let mut child = command.spawn()?;
        group::remember(&child);
        let said = Arc::new(Said::default());
        said.lock().open = 2;
        if let Some(stdout) = child.stdout.take() {
            listen(&said, stdout, false);
        }
        if let Some(stderr) = child.stderr.take() {
            listen(&said, stderr, true);
        }
        Ok(Program { stdin: child.stdin.take(), child, said, mark: 0 })
    }

    /// Types a line.
    pub(crate) fn type_line(&mut self, line: &str) {
        if let Some(stdin) = &mut self.stdin {
            // One that has ended takes no input; what it then does not do tells so.
            _ = stdin.write_all(format!("{line}\n").as_bytes()).and_then(|()| stdin.flush());
        }
    }

    /// Ends the program's standard input.
    pub(crate) fn end_input(&mut self) {
        self.stdin = None;
    }

    /// Waits until `text` stands in what the program has printed since the text sought before.
    pub(crate) fn printed(&mut self, text: &str, deadline: Instant) -> bool {
        let mut streams = self.said.lock();
        loop {
            let new = streams.all.get(self.mark..).unwrap_or_default();
            let found = new.windows(text.len()).position(|window| window == text.as_bytes());
            if let Some(at) = found {
                self.mark += at + text.len();
                return true;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() || streams.open == 0 {
                return false;
            }
            let woken = self.said.more.wait_timeout(streams, left);
            streams = woken.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// What came instead of a text that was not printed. A program whose streams have ended has
    /// ended itself, or is about to.
    pub(crate) fn came_instead(&self) -> Came {
        let is_silenced = self.said.lock().open == 0;
        match is_silenced {
            true => Came::Closed,
            false if self.printed_since().is_empty() => Came::Silence,
            false => Came::Wrong,
        }
    }

    /// What the program has printed since the text sought last.
    pub(crate) fn printed_since(&self) -> String {
        let streams = self.said.lock();
        String::from_utf8_lossy(streams.all.get(self.mark..).unwrap_or_default()).into_owned()
    }

    /// Waits until the program has ended by itself.
    pub(crate) fn ended(&mut self, deadline: Instant) -> Option<Ending> {
        loop {
            if let Ok(Some(status)) = self.child.try_wait() {
                return Some(self.ending(status));
            }
            if Instant::now() >= deadline {
                return None;
            }
            thread::sleep(LOOK);
        }
    }

    /// The process id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    fn ending(&self, status: ExitStatus) -> Ending {
        // Its last words may still be on their way through the pipe; a child of it may hold that
        // open.
        let given_up = Instant::now() + Duration::from_millis(200);
        let mut streams = self.said.lock();
        while streams.open > 0 && Instant::now() < given_up {
            let woken = self.said.more.wait_timeout(streams, LOOK);
            streams = woken.unwrap_or_else(PoisonError::into_inner).0;
        }
        let errors = last_words(&streams.errors);
        let last_words = if errors.is_empty() { last_words(&streams.all) } else { errors };
        Ending { how: how(status), last_words }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        group::kill(&mut self.child);
        _ = self.child.wait();
        group::forget(&self.child);
    }
}

impl Said {
    fn lock(&self) -> MutexGuard<'_, Streams> {
        self.streams.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Collects one stream of the program, in a thread of its own.
fn listen(said: &Arc<Said>, mut pipe: impl Read + Send + 'static, errors: bool) {
    let said = said.clone();
    thread::spawn(move || {
        let mut buffer = [0; 4096];
        loop {
            let got = pipe.read(&mut buffer).unwrap_or(0);
            let mut streams = said.lock();
            let new = buffer.get(..got).unwrap_or_default();
            if streams.all.len() < KEPT {
                streams.all.extend_from_slice(new);
            }
            if errors && streams.errors.len() < KEPT {
                streams.errors.extend_from_slice(new);
            }
            streams.open -= usize::from(got == 0);
            said.more.notify_all();
            if got == 0 {
                return;
            }
        }
    });
}

/// The last lines, without the indented ones: those are the frames of a traceback.
fn last_words(output: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(output);
    let is_word = |line: &&str| !line.trim().is_empty() && !line.starts_with([' ', '\t']);
    let lines: Vec<&str> = text.lines().filter(is_word).collect();
    let last = lines.get(lines.len().saturating_sub(LAST_WORDS)..).unwrap_or_default();
    // What a program prints may not move the cursor of who reads the report.
    last.iter().map(|line| trace::text::escape(line.as_bytes())).collect()
}

fn how(status: ExitStatus) -> String {
    match status.code() {
        Some(code) => format!("exit status {code}"),
        None => status.to_string(),
    }
}

/// Ends all programs that run, and then the judge itself, when Ctrl-C is pressed. They lead process
/// groups of their own, so the terminal's signal does not reach them.
///
/// # Errors
/// When the process has such an end already.
pub fn end_on_ctrl_c() -> Result<(), ctrlc::Error> {
    ctrlc::set_handler(|| {
        group::kill_all();
        // What a shell says of a program that Ctrl-C has ended.
        std::process::exit(130);
    })
}

#[cfg(unix)]
mod group {
    use std::os::unix::process::CommandExt;
    use std::process::{Child, Command};
    use std::sync::{Mutex, PoisonError};

    use rustix::process::{Pid, Signal, kill_process_group};

    /// The groups that run now.
    static RUNNING: Mutex<Vec<Pid>> = Mutex::new(Vec::new());

    /// The command gets a process group of its own, so that its children end with it.
    pub(super) fn lead(command: &mut Command) {
        command.process_group(0);
    }

    pub(super) fn remember(child: &Child) {
        running().push(Pid::from_child(child));
    }

    pub(super) fn forget(child: &Child) {
        running().retain(|&pid| pid != Pid::from_child(child));
    }

    pub(super) fn kill(child: &mut Child) {
        // The leader may have ended, and its children live on in its group.
        _ = kill_process_group(Pid::from_child(child), Signal::KILL);
    }

    pub(super) fn kill_all() {
        for &pid in running().iter() {
            _ = kill_process_group(pid, Signal::KILL);
        }
    }

    fn running() -> std::sync::MutexGuard<'static, Vec<Pid>> {
        RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(not(unix))]
mod group {
    use std::process::{Child, Command};

    pub(super) fn lead(_: &mut Command) {}
    pub(super) fn remember(_: &Child) {}
    pub(super) fn forget(_: &Child) {}
    pub(super) fn kill(child: &mut Child) {
        _ = child.kill();
    }
    pub(super) fn kill_all() {}
}
