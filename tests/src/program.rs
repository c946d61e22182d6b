//! A process, and all that it has printed.

use std::fmt;
use std::io::{Read, Write};
use std::net::SocketAddr;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::{DEADLINE, binary, peer};

/// A running program. It is killed when it is dropped.
///
/// If that happens because the test fails, it prints its command line and its output.
#[derive(Debug)]
pub struct Program {
    child: Child,
    stdin: Option<ChildStdin>,
    said: Arc<Said>,
    report: Finished,
}

/// A program that has ended.
///
/// If the test fails while it is held, it prints its command line and its output.
#[derive(Debug, Default)]
pub struct Finished {
    /// The command line.
    pub command: String,
    /// The exit status; `None` if a signal ended it.
    pub status: Option<i32>,
    /// All of its standard output.
    pub stdout: String,
    /// All of its standard error.
    pub stderr: String,
}

/// What a program has said so far, on each of its two streams.
#[derive(Debug, Default)]
struct Said {
    streams: Mutex<[Stream; 2]>,
    more: Condvar,
}

#[derive(Debug, Default)]
struct Stream {
    bytes: Vec<u8>,
    ended: bool,
}

const STDOUT: usize = 0;
const STDERR: usize = 1;

impl Program {
    /// Starts a command.
    #[track_caller]
    pub fn start(mut command: Command) -> Program {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let shown = format!("{command:?}");
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{shown}: {error}"));
        let said = Arc::new(Said::default());
        listen(&said, STDOUT, child.stdout.take().unwrap());
        listen(&said, STDERR, child.stderr.take().unwrap());
        let stdin = child.stdin.take();
        let mut report = Finished::default();
        report.command = shown;
        Program { child, stdin, said, report }
    }

    /// Starts a lesson's client, which is to call `server`.
    pub fn client(name: &str, server: SocketAddr, args: &[&str]) -> Program {
        let mut command = binary(name);
        command.args(["--connect", &server.to_string()]).args(args);
        Program::start(command)
    }

    /// Starts the client of a pair of Python programs, which is to call `server`.
    pub fn peer_client(pair: &str, server: SocketAddr, args: &[&str]) -> Program {
        let mut command = peer(&format!("{pair}_client"));
        command.args([server.ip().to_string(), server.port().to_string()]).args(args);
        Program::start(command)
    }

    /// Types `text`, and ends the input. A program that has ended does not mind.
    pub fn input(mut self, text: &str) -> Program {
        if let Some(mut stdin) = self.stdin.take() {
            _ = stdin.write_all(text.as_bytes());
        }
        self
    }

    /// Types `text`; the input goes on.
    pub fn type_text(&mut self, text: &str) {
        self.stdin.as_mut().unwrap().write_all(text.as_bytes()).unwrap();
    }

    /// The process's id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal, such as the `INT` of Ctrl-C.
    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Does something while the program is stopped, as Ctrl-Z stops it, and lets it go on as `fg` does.
    /// Linux then ends a wait that has a time-out with EINTR (signal(7)).
    #[track_caller]
    pub fn suspended<T>(&self, meanwhile: impl FnOnce() -> T) -> T {
        self.wait_for_state('S');
        self.signal(Signal::STOP);
        self.wait_for_state('T');
        let done = meanwhile();
        self.signal(Signal::CONT);
        done
    }

    /// Waits until the main thread sleeps (`S`), as in a recv, or is stopped (`T`): proc(5).
    #[track_caller]
    pub fn wait_for_state(&self, state: char) {
        let stat = format!("/proc/{}/stat", self.id());
        // The state comes after the name, which is in brackets.
        let state = format!(") {state} ");
        let given_up = Instant::now() + DEADLINE;
        while !std::fs::read_to_string(&stat).unwrap().contains(&state) {
            assert!(Instant::now() < given_up, "{} never is in state{state}", self.report.command);
            thread::yield_now();
        }
    }

    /// Waits until a whole line with `text` in it stands on standard output, and returns the first.
    #[track_caller]
    pub fn wait_for_line(&self, text: &str) -> String {
        self.wait_for(STDOUT, text)
    }

    /// Waits until a whole line with `text` in it stands on standard error, and returns the first.
    #[track_caller]
    pub fn wait_for_error(&self, text: &str) -> String {
        self.wait_for(STDERR, text)
    }

    /// Waits until `ready` finds what it looks for in all that stands on standard output and on
    /// standard error.
    #[track_caller]
    pub fn wait_until(&self, what: &str, ready: impl Fn(&str, &str) -> bool) {
        let found = self.look(|[stdout, stderr]| {
            let ended = stdout.ended && stderr.ended;
            let [stdout, stderr] = [stdout, stderr].map(|s| String::from_utf8_lossy(&s.bytes));
            if ready(&stdout, &stderr) { Some(true) } else { ended.then_some(false) }
        });
        assert!(found == Some(true), "{} never printed {what}", self.report.command);
    }

    /// Waits until the program has ended by itself.
    #[track_caller]
    pub fn finish(self) -> Finished {
        self.finish_within(DEADLINE)
    }

    /// Waits until the program has ended by itself, for at most `limit`: for one that has so much to
    /// do that [`DEADLINE`] might be too short on a busy machine.
    #[track_caller]
    pub fn finish_within(mut self, limit: Duration) -> Finished {
        let given_up = Instant::now() + limit;
        let all_ended =
            |streams: &[Stream; 2]| streams.iter().all(|stream| stream.ended).then_some(());
        let closed = self.look_within(limit, all_ended);
        assert!(closed.is_some(), "{} does not end", self.report.command);
        // It has closed both streams, which programs do by ending.
        while self.child.try_wait().unwrap().is_none() {
            assert!(Instant::now() < given_up, "{} does not end", self.report.command);
            thread::sleep(Duration::from_millis(1));
        }
        self.reap()
    }

    #[track_caller]
    fn wait_for(&self, stream: usize, text: &str) -> String {
        let found = self.look(|streams| {
            let Stream { bytes, ended } = &streams[stream];
            let line = whole_lines(bytes).find(|line| line.contains(text));
            line.map(Some).or(ended.then_some(None))
        });
        match found {
            Some(Some(line)) => line,
            Some(None) => panic!("{} ended without a line with {text:?}", self.report.command),
            None => panic!("{} printed no line with {text:?}", self.report.command),
        }
    }

    /// Asks `look` whenever something was said, until it finds something or time is up.
    fn look<T>(&self, look: impl Fn(&[Stream; 2]) -> Option<T>) -> Option<T> {
        self.look_within(DEADLINE, look)
    }

    fn look_within<T>(
        &self,
        limit: Duration,
        look: impl Fn(&[Stream; 2]) -> Option<T>,
    ) -> Option<T> {
        let given_up = Instant::now() + limit;
        let mut streams = self.said.lock();
        loop {
            if let Some(found) = look(&streams) {
                return Some(found);
            }
            let left = given_up.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return None;
            }
            let woken = self.said.more.wait_timeout(streams, left);
            streams = woken.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Collects the status and the output of a program that has been ended, or has ended.
    fn reap(&mut self) -> Finished {
        let mut report = std::mem::take(&mut self.report);
        report.status = self.child.wait().unwrap().code();
        self.look(|streams| streams.iter().all(|stream| stream.ended).then_some(()));
        let streams = self.said.lock();
        report.stdout = String::from_utf8_lossy(&streams[STDOUT].bytes).into_owned();
        report.stderr = String::from_utf8_lossy(&streams[STDERR].bytes).into_owned();
        report
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Without a command line the program has been reaped already.
        if !self.report.command.is_empty() {
            _ = self.child.kill();
            drop(self.reap());
        }
    }
}

impl Drop for Finished {
    fn drop(&mut self) {
        if thread::panicking() && !self.command.is_empty() {
            eprintln!("{self}");
        }
    }
}

impl fmt::Display for Finished {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "---- {}", self.command)?;
        writeln!(f, "---- ended with {:?}, and printed", self.status)?;
        writeln!(f, "{}", self.stdout)?;
        writeln!(f, "---- and as errors")?;
        write!(f, "{}", self.stderr)
    }
}

impl Said {
    fn lock(&self) -> MutexGuard<'_, [Stream; 2]> {
        self.streams.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Collects one stream of a program, in a thread of its own.
fn listen(said: &Arc<Said>, stream: usize, mut pipe: impl Read + Send + 'static) {
    let said = said.clone();
    thread::spawn(move || {
        let mut buffer = [0; 65536];
        loop {
            let got = pipe.read(&mut buffer).unwrap_or(0);
            let stream = &mut said.lock()[stream];
            stream.bytes.extend_from_slice(&buffer[..got]);
            stream.ended = got == 0;
            said.more.notify_all();
            if got == 0 {
                return;
            }
        }
    });
}

/// The lines that have come to their end, without their line ends.
fn whole_lines(bytes: &[u8]) -> impl Iterator<Item = String> {
    bytes
        .split_inclusive(|&byte| byte == b'\n')
        .filter_map(|line| line.strip_suffix(b"\n"))
        .map(|line| String::from_utf8_lossy(line).into_owned())
}
