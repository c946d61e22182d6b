//! The threads that collect what a process prints, and tell of its end.

use std::io::{self, Read};
use std::process::ExitStatus;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Instant;

use crate::error::Error;
use crate::output::{Captured, Output};

/// What is known of a process, and how those who wait hear of more.
#[derive(Debug, Default)]
pub(crate) struct Known {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) output: Output,
    /// How the process ended, once it has; or why the system does not say.
    pub(crate) exit: Option<Result<ExitStatus, io::ErrorKind>>,
}

impl Known {
    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes what is known, and wakes all who wait.
    fn update(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.lock());
        self.changed.notify_all();
    }

    /// Asks `look` now, and whenever more is known, until it finds something.
    ///
    /// # Errors
    /// [`Error::Deadline`] when that came first.
    pub(crate) fn wait_for<T>(
        &self,
        deadline: Instant,
        mut look: impl FnMut(&State) -> Option<T>,
    ) -> Result<T, Error> {
        let mut state = self.lock();
        loop {
            if let Some(found) = look(&state) {
                return Ok(found);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(Error::Deadline);
            }
            let woken = self.changed.wait_timeout(state, left);
            state = woken.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

/// Collects a stream to its end, in a thread of its own: up to `limit` bytes are kept, the rest is thrown
/// away.
pub(crate) fn collect(
    known: &Arc<Known>,
    mut pipe: impl Read + Send + 'static,
    limit: usize,
    stream: fn(&mut Output) -> &mut Captured,
) {
    let known = known.clone();
    thread::spawn(move || {
        let mut buffer = [0; 65536];
        loop {
            let got = match pipe.read(&mut buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                got => got.unwrap_or(0),
            };
            known.update(|state| {
                let captured = stream(&mut state.output);
                let room = limit.saturating_sub(captured.bytes.len()).min(got);
                captured.bytes.extend_from_slice(buffer.get(..room).unwrap_or_default());
                captured.is_ended = got == 0;
            });
            if got == 0 {
                return;
            }
        }
    });
}

/// Tells of the end of a process, in a thread of its own that runs `wait`.
pub(crate) fn tell_of_exit(
    known: &Arc<Known>,
    wait: impl FnOnce() -> io::Result<ExitStatus> + Send + 'static,
) {
    let known = known.clone();
    thread::spawn(move || {
        let exit = wait().map_err(|error| error.kind());
        known.update(|state| state.exit = Some(exit));
    });
}
