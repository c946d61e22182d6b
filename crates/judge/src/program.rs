//! A program under test: a process, and what it has printed.

use std::io::{self, Read, Write};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::failure::Came;
use crate::folder;

/// How much of each stream of a program is kept, in bytes; what it prints beyond that is thrown away.
const KEPT: usize = 1 << 20;
/// How many of its last words a report shows.
const LAST_WORDS: usize = 3;
/// How long its last words may take through the pipe.
const LAST_WORDS_TAKE: Duration = Duration::from_secs(1);
/// How often an ending program is looked at.
const LOOK: Duration = Duration::from_millis(2);

/// A running program. It is killed, with all that it has started, when it is dropped.
#[derive(Debug)]
pub(crate) struct Program {
    child: Child,
    stdin: Option<ChildStdin>,
    said: Arc<Said>,
    /// Where in each stream the next search begins.
    marks: [usize; 2],
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

#[derive(Debug, Default)]
struct Said {
    streams: Mutex<Streams>,
    more: Condvar,
}

/// Standard output and standard error: each by itself, because in which order they come through two
/// pipes is not the same twice, and a word of one may not stand in the middle of the other.
#[derive(Debug, Default)]
struct Streams {
    kept: [Vec<u8>; 2],
    open: usize,
}

const OUTPUT: usize = 0;
const ERRORS: usize = 1;

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
        let mut child = group::spawn(&mut command)?;
        let said = Arc::new(Said::default());
        said.lock().open = 2;
        if let Some(stdout) = child.stdout.take() {
            listen(&said, stdout, OUTPUT);
        }
        if let Some(stderr) = child.stderr.take() {
            listen(&said, stderr, ERRORS);
        }
        Ok(Program { stdin: child.stdin.take(), child, said, marks: [0; 2], ending: None })
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
        if text.is_empty() {
            return true;
        }
        let mut streams = self.said.lock();
        loop {
            for (kept, mark) in streams.kept.iter().zip(&mut self.marks) {
                let new = kept.get(*mark..).unwrap_or_default();
                let found = new.windows(text.len()).position(|window| window == text.as_bytes());
                if let Some(at) = found {
                    *mark += at + text.len();
                    return true;
                }
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

    /// What the program has printed since the text sought last: its output, then its errors.
    pub(crate) fn printed_since(&self) -> String {
        let streams = self.said.lock();
        let since = |(kept, &mark): (&Vec<u8>, &usize)| {
            String::from_utf8_lossy(kept.get(mark..).unwrap_or_default()).into_owned()
        };
        streams.kept.iter().zip(&self.marks).map(since).collect()
    }

    /// Waits until the program has ended by itself.
    pub(crate) fn ended(&mut self, deadline: Instant) -> Option<Ending> {
        while self.ending.is_none() {
            if let Ok(Some(status)) = self.child.try_wait() {
                self.ending = Some(self.ending_with(status));
            } else if Instant::now() >= deadline {
                return None;
            } else {
                thread::sleep(LOOK);
            }
        }
        self.ending.clone()
    }

    /// How the program ended, if that was seen already. It may have ended since.
    pub(crate) fn seen_ending(&self) -> Option<Ending> {
        self.ending.clone()
    }

    /// The process id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    fn ending_with(&self, status: ExitStatus) -> Ending {
        // Its last words may still be on their way through the pipe; a child of it may hold that
        // open.
        let given_up = Instant::now() + LAST_WORDS_TAKE;
        let mut streams = self.said.lock();
        while streams.open > 0 && Instant::now() < given_up {
            let woken = self.said.more.wait_timeout(streams, LOOK);
            streams = woken.unwrap_or_else(PoisonError::into_inner).0;
        }
        let [output, errors] = streams.kept.each_ref().map(|kept| last_words(kept));
        Ending { how: how(status), last_words: if errors.is_empty() { output } else { errors } }
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
fn listen(said: &Arc<Said>, mut pipe: impl Read + Send + 'static, which: usize) {
    let said = said.clone();
    thread::spawn(move || {
        let mut buffer = [0; 4096];
        loop {
            let got = match pipe.read(&mut buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                got => got.unwrap_or(0),
            };
            let mut streams = said.lock();
            let new = buffer.get(..got).unwrap_or_default();
            if let Some(kept) = streams.kept.get_mut(which).filter(|kept| kept.len() < KEPT) {
                kept.extend_from_slice(new);
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

/// When Ctrl-C is pressed, ends all programs that run, removes what was laid into folders for them, and
/// ends the judge itself. The programs lead process groups of their own, so the terminal's signal does
/// not reach them.
///
/// # Errors
/// When the process has such an end already.
pub fn end_on_ctrl_c() -> Result<(), ctrlc::Error> {
    ctrlc::set_handler(|| {
        group::kill_all_and(|| {
            folder::clear_all();
            // What a shell says of a program that Ctrl-C has ended.
            std::process::exit(130)
        })
    })
}

#[cfg(unix)]
mod group {
    use std::io;
    use std::os::unix::process::CommandExt;
    use std::process::{Child, Command};
    use std::sync::{Mutex, MutexGuard, PoisonError};

    use rustix::process::{Pid, Signal, kill_process_group};

    /// The groups that run now.
    static RUNNING: Mutex<Vec<Pid>> = Mutex::new(Vec::new());

    /// Starts the command in a process group of its own, so that its children end with it.
    pub(super) fn spawn(command: &mut Command) -> io::Result<Child> {
        // Held meanwhile: no program may start unseen while Ctrl-C ends the others.
        let mut running = running();
        let child = command.process_group(0).spawn()?;
        running.push(Pid::from_child(&child));
        Ok(child)
    }

    pub(super) fn forget(child: &Child) {
        running().retain(|&pid| pid != Pid::from_child(child));
    }

    pub(super) fn kill(child: &mut Child) {
        // The leader may have ended, and its children live on in its group; or have changed its group.
        _ = kill_process_group(Pid::from_child(child), Signal::KILL);
        _ = child.kill();
    }

    /// Kills all of them, and then does the last thing, while none can start.
    pub(super) fn kill_all_and(end: impl FnOnce()) {
        let running = running();
        for &pid in running.iter() {
            _ = kill_process_group(pid, Signal::KILL);
        }
        end();
    }

    fn running() -> MutexGuard<'static, Vec<Pid>> {
        RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(not(unix))]
mod group {
    use std::io;
    use std::process::{Child, Command};

    pub(super) fn spawn(command: &mut Command) -> io::Result<Child> {
        command.spawn()
    }
    pub(super) fn forget(_: &Child) {}
    pub(super) fn kill(child: &mut Child) {
        _ = child.kill();
    }
    pub(super) fn kill_all_and(end: impl FnOnce()) {
        end();
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Program {
        Program::start(&["sh", "-c", script].map(str::to_owned)).unwrap()
    }

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(30)
    }

    #[test]
    fn what_stands_between_on_standard_error_does_not_cut_a_text_on_standard_output() {
        let mut program = shell("printf 'one '; printf 'log\\n' >&2; printf 'text\\n'");
        assert!(program.printed("one text", soon()));
        assert!(!program.printed("text", soon()));
        assert_eq!(program.printed_since(), "\nlog\n");
    }

    #[test]
    fn an_ending_is_told_only_once_it_was_seen() {
        let mut program = shell("echo why >&2; exit 3");
        assert_eq!(program.seen_ending(), None);
        let ending = program.ended(soon()).unwrap();
        assert_eq!(
            (ending.how.as_str(), ending.last_words),
            ("exit status 3", vec!["why".to_owned()])
        );
        assert!(program.seen_ending().is_some());
    }

    #[test]
    fn the_children_of_a_program_are_killed_with_it() {
        // The child has the pipe of the program's output, and so the end of that is its end.
        let mut program = shell("sleep 600 & echo started; wait");
        assert!(program.printed("started", soon()));
        let said = program.said.clone();
        drop(program);
        let streams = said.lock();
        let patience = Duration::from_secs(30);
        let ended = said.more.wait_timeout_while(streams, patience, |streams| streams.open > 0);
        assert!(!ended.unwrap().1.timed_out(), "the child still runs");
    }
}
