//! Commands that a person types while a server runs, or that a pipe holds.
//!
//! There is no prompt: the lines of the log would write over it. And the terminal stays as it is, so that
//! Ctrl-C is the signal that it always was.

use std::io;
use std::thread;

use crate::prompt::read_line;
use crate::say::warn;

/// After so many wrong commands in a row no more are taken: nobody types these.
const MAX_WRONG: usize = 100;

/// Has each line of standard input obeyed, in a thread of its own, until the input ends: the server goes on
/// then. Blank lines are left out. An error says in a line what to type instead.
///
/// Whoever has no standard input, or no thread for it, takes no commands, and that is no error.
pub fn obey_commands(mut obey: impl FnMut(&str) -> Result<(), String> + Send + 'static) {
    let read = move || {
        let mut wrong = 0;
        while wrong < MAX_WRONG && foreground::wait() {
            let line = match read_line(&mut io::stdin().lock()) {
                Ok(Some(line)) => line,
                Ok(None) => return,
                Err(error) => {
                    warn(format_args!("commands: {error}; none is taken any more"));
                    return;
                }
            };
            // What is no text must not move the cursor of who reads the advice.
            let line = line.replace(|c: char| c.is_control() && c != '\t', "\u{fffd}");
            let outcome = if line.is_empty() { Ok(()) } else { obey(&line) };
            wrong = if outcome.is_err() { wrong + 1 } else { 0 };
            if let Err(advice) = outcome {
                warn(format_args!("commands: {advice}"));
            }
        }
        if wrong == MAX_WRONG {
            warn(format_args!("commands: {wrong} wrong ones in a row; none is taken any more"));
        }
    };
    _ = thread::Builder::new().name("commands".to_owned()).spawn(read);
}

/// A program in the background that reads from its terminal is stopped (SIGTTIN, termios(3)), and a server
/// would be stopped with all of its threads. So it waits until it is in the foreground.
#[cfg(unix)]
mod foreground {
    use std::io::{self, IsTerminal};
    use std::thread;
    use std::time::Duration;

    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    use rustix::process::getpgrp;
    use rustix::termios::tcgetpgrp;

    /// How long to wait for a line before the foreground is looked at again.
    const WAIT: Timespec = Timespec { tv_sec: 1, tv_nsec: 0 };

    /// Waits until a line can be read; false if there will be none.
    pub(super) fn wait() -> bool {
        let stdin = io::stdin();
        if !stdin.is_terminal() {
            return true;
        }
        loop {
            let mut polled = [PollFd::new(&stdin, PollFlags::IN)];
            let ready = match poll(&mut polled, Some(&WAIT)) {
                Ok(ready) => ready > 0,
                Err(rustix::io::Errno::INTR) => false,
                Err(_) => return false,
            };
            match tcgetpgrp(&stdin) {
                Ok(group) if group == getpgrp() && ready => return true,
                Ok(group) if group == getpgrp() => {}
                Ok(_) => thread::sleep(Duration::from_secs(1)),
                // It is not the terminal of this session any more.
                Err(_) => return false,
            }
        }
    }
}

#[cfg(not(unix))]
mod foreground {
    pub(super) fn wait() -> bool {
        true
    }
}
