//! A program that a test has started.

use std::net::SocketAddr;
use std::ops::Deref;
use std::process::Command;
use std::sync::Once;
use std::thread;
use std::time::{Duration, Instant};

use crate::{DEADLINE, binary, peer};
use process::{Error, Output, Process};

/// A running program. It is killed, with all that it has started, when it is dropped.
///
/// If that happens because the test fails, it prints its command line and its output.
#[derive(Debug)]
pub struct Program {
    process: Process,
    is_finished: bool,
}

/// A program that has ended: its exit status, and what it printed.
///
/// If the test fails while it is held, it prints its command line and its output.
#[derive(Debug)]
pub struct Finished(process::Finished);

impl Program {
    /// Starts a command.
    #[track_caller]
    pub fn start(command: Command) -> Program {
        // Ctrl-C at the terminal reaches the test, and not the programs that it has started.
        static END_ON_CTRL_C: Once = Once::new();
        END_ON_CTRL_C.call_once(|| {
            // A test that has such an end already keeps it.
            _ = ctrlc::set_handler(|| process::kill_all_then(|| std::process::exit(130)));
        });
        let process = Process::start(command).unwrap_or_else(|error| panic!("{error}"));
        Program { process, is_finished: false }
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

    /// Starts a command at a terminal of its own, of so many columns; its standard error is shown there too.
    /// Python has such terminals on Unix.
    #[track_caller]
    pub fn at_a_terminal(columns: usize, command: &Command) -> Program {
        let mut terminal = peer("at_a_terminal");
        terminal.arg(columns.to_string()).arg(command.get_program()).args(command.get_args());
        terminal.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        if let Some(folder) = command.get_current_dir() {
            terminal.current_dir(folder);
        }
        Program::start(terminal)
    }

    /// Types `text`, and ends the input. A program that has ended does not mind.
    pub fn input(mut self, text: &str) -> Program {
        self.process.type_text(text);
        self.process.end_input();
        self
    }

    /// Types `text`; the input goes on.
    pub fn type_text(&mut self, text: &str) {
        self.process.type_text(text);
    }

    /// The process's id.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// Sends a signal, such as the `INT` of Ctrl-C.
    #[cfg(unix)]
    #[track_caller]
    pub fn signal(&self, signal: process::Signal) {
        self.process.signal(signal).unwrap();
    }

    /// The most memory that the process has had, in KiB: `VmHWM` of proc(5).
    #[cfg(unix)]
    pub fn peak_memory(&self) -> u64 {
        crate::benchmark::Usage::of(self.id()).peak
    }

    /// Does something while the program is stopped, as Ctrl-Z stops it, and lets it go on as `fg` does.
    /// Linux then ends a wait that has a time-out with EINTR (signal(7)).
    #[cfg(unix)]
    #[track_caller]
    pub fn suspended<T>(&self, meanwhile: impl FnOnce() -> T) -> T {
        self.wait_for_state('S');
        self.signal(process::Signal::STOP);
        self.wait_for_state('T');
        let done = meanwhile();
        self.signal(process::Signal::CONT);
        done
    }

    /// Waits until the main thread sleeps (`S`), as in a recv, or is stopped (`T`): proc(5).
    #[cfg(unix)]
    #[track_caller]
    pub fn wait_for_state(&self, state: char) {
        let stat = format!("/proc/{}/stat", self.id());
        // The state comes after the name, which is in brackets.
        let state = format!(") {state} ");
        let given_up = Instant::now() + DEADLINE;
        while !std::fs::read_to_string(&stat).unwrap().contains(&state) {
            assert!(
                Instant::now() < given_up,
                "{} never is in state{state}",
                self.process.command()
            );
            thread::yield_now();
        }
    }

    /// Waits until a whole line with `text` in it stands on standard output, and returns the first.
    #[track_caller]
    pub fn wait_for_line(&self, text: &str) -> String {
        self.wait_for(&format!("line with {text:?}"), |output| {
            output.stdout.lines().find(|line| line.contains(text))
        })
    }

    /// Waits until a whole line with `text` in it stands on standard error, and returns the first.
    #[track_caller]
    pub fn wait_for_error(&self, text: &str) -> String {
        self.wait_for(&format!("error with {text:?}"), |output| {
            output.stderr.lines().find(|line| line.contains(text))
        })
    }

    /// Waits until `ready` finds what it looks for in all that stands on standard output and on
    /// standard error.
    #[track_caller]
    pub fn wait_until(&self, what: &str, ready: impl Fn(&str, &str) -> bool) {
        self.wait_for(what, |output| {
            ready(&output.stdout.text(), &output.stderr.text()).then_some(())
        });
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
        match self.process.finish(Instant::now() + limit) {
            Ok(finished) => {
                self.is_finished = true;
                Finished(finished)
            }
            Err(error) => panic!("{} does not end: {error}", self.process.command()),
        }
    }

    #[track_caller]
    fn wait_for<T>(&self, what: &str, look: impl FnMut(&Output) -> Option<T>) -> T {
        let command = self.process.command();
        match self.process.wait_for(Instant::now() + DEADLINE, look) {
            Ok(found) => found,
            Err(Error::Closed) => panic!("{command} ended without printing {what}"),
            Err(_) => panic!("{command} never printed {what}"),
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        if thread::panicking() && !self.is_finished {
            eprintln!("{}", self.process.kill());
        }
    }
}

impl Deref for Finished {
    type Target = process::Finished;

    fn deref(&self) -> &process::Finished {
        &self.0
    }
}

impl Drop for Finished {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("{}", self.0);
        }
    }
}
