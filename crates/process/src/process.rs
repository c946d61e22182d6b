//! A running process under test.

use std::io::Write;
use std::process::{ChildStdin, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{self, Sender};
use std::thread;
use std::time::{Duration, Instant};

use crate::collect::{Known, collect, tell_of_exit};
use crate::error::Error;
use crate::group::Group;
use crate::output::{Finished, Output};

/// How many bytes of each stream are kept, unless the starter says otherwise.
const DEFAULT_LIMIT: usize = 64 << 20;

/// How long the last words of a process that has ended may take through the pipe.
const LAST_WORDS_TIMEOUT: Duration = Duration::from_secs(1);

/// A running process. It is killed, with all that it has started, when this is dropped.
#[derive(Debug)]
pub struct Process {
    command: String,
    group: Group,
    /// What is typed goes to a thread that writes it: a process that reads nothing holds up nobody.
    input: Option<Sender<Vec<u8>>>,
    known: Arc<Known>,
    /// Where the next text is expected from: the end of the one before, in standard output and in standard
    /// error, in bytes.
    expected_from: [usize; 2],
}

impl Process {
    /// Starts a command, and keeps up to 64 MiB of each of its streams.
    ///
    /// # Errors
    /// [`Error::Start`].
    pub fn start(command: Command) -> Result<Process, Error> {
        Process::start_with_limit(command, DEFAULT_LIMIT)
    }

    /// Starts a command, and keeps up to `limit` bytes of each of its streams.
    ///
    /// # Errors
    /// [`Error::Start`].
    pub fn start_with_limit(mut command: Command, limit: usize) -> Result<Process, Error> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let shown = format!("{command:?}");
        let group = Group::start(command)
            .map_err(|source| Error::Start { command: shown.clone(), source })?;
        let known = Arc::new(Known::default());
        let (stdin, stdout, stderr) = group.take_pipes();
        if let Some(stdout) = stdout {
            collect(&known, stdout, limit, |output| &mut output.stdout);
        }
        if let Some(stderr) = stderr {
            collect(&known, stderr, limit, |output| &mut output.stderr);
        }
        let leader = group.clone();
        tell_of_exit(&known, move || leader.wait());
        let input = stdin.map(write_from_channel);
        Ok(Process { command: shown, group, input, known, expected_from: [0; 2] })
    }

    /// The command, as [`Command`] shows it.
    pub fn command(&self) -> &str {
        &self.command
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.group.id()
    }

    /// Types `text`. A process that has ended, or has closed its input, does not mind.
    pub fn type_text(&self, text: &str) {
        if let Some(input) = &self.input {
            _ = input.send(text.into());
        }
    }

    /// Ends the standard input, once all that was typed has been written.
    pub fn end_input(&mut self) {
        self.input = None;
    }

    /// Sends a signal to the process, and not to what it has started.
    ///
    /// # Errors
    /// [`Error::Signal`].
    #[cfg(unix)]
    pub fn signal(&self, signal: rustix::process::Signal) -> Result<(), Error> {
        self.group.signal(signal).map_err(Error::Signal)
    }

    /// Sends the process what Ctrl-C sends at a terminal.
    ///
    /// # Errors
    /// [`Error::Signal`].
    #[cfg(unix)]
    pub fn interrupt(&self) -> Result<(), Error> {
        self.signal(rustix::process::Signal::INT)
    }

    /// What it has printed so far.
    pub fn output(&self) -> Output {
        self.known.lock().output.clone()
    }

    /// Asks `look` now, and whenever more was printed, until it finds something in what was printed.
    ///
    /// # Errors
    /// [`Error::Closed`] when both streams have ended without it, [`Error::Deadline`] when that came first.
    pub fn wait_for<T>(
        &self,
        deadline: Instant,
        mut look: impl FnMut(&Output) -> Option<T>,
    ) -> Result<T, Error> {
        self.known.wait_for(deadline, |state| match look(&state.output) {
            Some(found) => Some(Ok(found)),
            None => state.output.is_ended().then_some(Err(Error::Closed)),
        })?
    }

    /// Waits until `text` was printed, on either stream, after the text that was expected there before.
    ///
    /// # Errors
    /// [`Error::Closed`] when both streams have ended without it, [`Error::Deadline`] when that came first.
    pub fn expect(&mut self, text: &str, deadline: Instant) -> Result<(), Error> {
        if text.is_empty() {
            return Ok(());
        }
        let mut from = self.expected_from;
        self.wait_for(deadline, |output| {
            from.iter_mut().zip(output.streams()).find_map(|(from, stream)| {
                let new = stream.bytes.get(*from..).unwrap_or_default();
                let at = new.windows(text.len()).position(|window| window == text.as_bytes())?;
                *from += at + text.len();
                Some(())
            })
        })?;
        self.expected_from = from;
        Ok(())
    }

    /// What was printed after the texts that were expected: on standard output, then on standard error.
    pub fn unexpected(&self) -> String {
        let state = self.known.lock();
        let streams = self.expected_from.iter().zip(state.output.streams());
        streams
            .map(|(&from, stream)| {
                String::from_utf8_lossy(stream.bytes.get(from..).unwrap_or_default())
            })
            .collect()
    }

    /// Waits until the process has ended by itself.
    ///
    /// # Errors
    /// [`Error::Deadline`] when that came first, [`Error::Wait`].
    pub fn wait(&self, deadline: Instant) -> Result<ExitStatus, Error> {
        let exit = self.known.wait_for(deadline, |state| state.exit)?;
        exit.map_err(|kind| Error::Wait(kind.into()))
    }

    /// Waits until the process has ended by itself, and all to which it has left its streams.
    ///
    /// # Errors
    /// [`Error::Deadline`] when that came first, [`Error::Wait`].
    pub fn finish(&mut self, deadline: Instant) -> Result<Finished, Error> {
        let status = self.wait(deadline)?;
        self.known.wait_for(deadline, |state| state.output.is_ended().then_some(()))?;
        Ok(self.finished(status.code()))
    }

    /// The last lines, up to `most`, of standard error, or of standard output if there are no errors; without
    /// those that have no letter or digit in them, those that repeat the one before, and indented ones, which
    /// are the frames of a traceback. Of a process that has ended: what is
    /// still on its way through the pipe may take a second.
    pub fn last_words(&self, most: usize) -> Vec<String> {
        // A process that was started by this one may hold the pipe open.
        let deadline = Instant::now() + LAST_WORDS_TIMEOUT;
        _ = self.known.wait_for(deadline, |state| state.output.is_ended().then_some(()));
        let state = self.known.lock();
        let [stdout, stderr] = state.output.streams().map(|stream| last_words(&stream.bytes, most));
        if stderr.is_empty() { stdout } else { stderr }
    }

    /// The last lines, up to `most`, that stand on standard error now, chosen in the same way.
    pub fn last_errors(&self, most: usize) -> Vec<String> {
        last_words(&self.known.lock().output.stderr.bytes, most)
    }

    /// Whether something that the process has started still runs, also if the process itself has ended, as a
    /// program does that goes into the background. Only Linux shows that; elsewhere it is `false`.
    pub fn has_descendants(&self) -> bool {
        self.group.has_descendants()
    }

    /// Kills the process with all that it has started, and gives what it had printed.
    pub fn kill(&mut self) -> Finished {
        self.group.kill();
        let deadline = Instant::now() + LAST_WORDS_TIMEOUT;
        let status = self.wait(deadline).ok().and_then(|status| status.code());
        _ = self.known.wait_for(deadline, |state| state.output.is_ended().then_some(()));
        self.finished(status)
    }

    fn finished(&self, status: Option<i32>) -> Finished {
        let output = &self.known.lock().output;
        let [stdout, stderr] = output.streams().map(|stream| stream.text());
        Finished { command: self.command.clone(), status, stdout, stderr }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.group.end();
    }
}

/// Runs a command to its end: types `input`, ends the input, and waits.
///
/// # Errors
/// [`Error::Start`], [`Error::Deadline`] when that came first, [`Error::Wait`].
pub fn run(command: Command, input: &str, deadline: Instant) -> Result<Finished, Error> {
    let mut process = Process::start(command)?;
    process.type_text(input);
    process.end_input();
    process.finish(deadline)
}

/// Writes what comes through a channel, in a thread of its own.
fn write_from_channel(mut stdin: ChildStdin) -> Sender<Vec<u8>> {
    let (sender, receiver) = mpsc::channel::<Vec<u8>>();
    thread::spawn(move || {
        let mut texts = receiver.into_iter();
        // A process that has ended takes no input; what it then does not do tells so.
        while texts.next().is_some_and(|text| stdin.write_all(&text).is_ok()) {}
    });
    sender
}

fn last_words(output: &[u8], most: usize) -> Vec<String> {
    let text = String::from_utf8_lossy(output);
    let is_word =
        |line: &&str| !line.starts_with([' ', '\t']) && line.contains(char::is_alphanumeric);
    let mut lines: Vec<&str> = text.lines().filter(is_word).collect();
    lines.dedup();
    let last = lines.get(lines.len().saturating_sub(most)..).unwrap_or_default();
    last.iter().map(|&line| line.to_owned()).collect()
}
