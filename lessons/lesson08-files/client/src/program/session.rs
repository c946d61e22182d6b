//! A transfer that outlives its connections: what broke is tried again after a pause, and goes on
//! where it stopped. The pauses grow, for the reasons that lesson 05 gives.

use std::thread;

use endpoint::{Backoff, Retry};
use lesson08_client::Error;

use super::failure::Failure;

/// Told of each try that failed, and when there is another one.
pub(crate) type OnRetry<'a> = &'a mut dyn FnMut(Retry<'_, Failure>);

/// Does one task after the other, over one connection after the other.
#[derive(Debug)]
pub(crate) struct Session<C, S, O> {
    connect: C,
    backoff: Backoff,
    is_readable: fn(&S) -> bool,
    connection: Option<(S, O)>,
    /// Whether there ever was a connection. If not, nothing broke that could be mended by waiting.
    was_connected: bool,
}

/// A try to do a task.
#[derive(Debug)]
pub(crate) struct Attempt<'a, S, O> {
    /// The connection.
    pub(crate) stream: &'a mut S,
    /// Told of what passes over it.
    pub(crate) observer: &'a mut O,
    /// Whether the stream holds something that nobody has asked for.
    pub(crate) is_readable: fn(&S) -> bool,
    /// Whether the task was begun already over another connection.
    pub(crate) is_again: bool,
    /// The highest offset in the file that any try has reached, in bytes; `None` before the server's
    /// first answer.
    pub(crate) reached: &'a mut Option<u64>,
}

impl<C, S, O> Session<C, S, O>
where
    C: FnMut() -> Result<(S, O), endpoint::Error>,
{
    /// A session whose connections, each with its observer, come from `connect`. `backoff` says how
    /// many tries there may be in a row that get no farther. `is_readable` says whether a connection
    /// holds something that nobody has asked for: then the server has hung up, or is about to.
    pub(crate) fn new(connect: C, backoff: Backoff, is_readable: fn(&S) -> bool) -> Self {
        Session { connect, backoff, is_readable, connection: None, was_connected: false }
    }

    /// Makes a connection if there is none.
    ///
    /// # Errors
    /// As for [`Session::run`].
    pub(crate) fn connect(&mut self, on_retry: OnRetry<'_>) -> Result<(), Failure> {
        self.connection = Some(self.take_connection(on_retry)?);
        Ok(())
    }

    /// Does `task`, and again over a new connection when that might help.
    ///
    /// # Errors
    /// [`Failure::GaveUp`] when all tries were in vain, or what trying again would not help: also when
    /// there is no server, and never was.
    pub(crate) fn run<T>(
        &mut self,
        mut task: impl FnMut(Attempt<'_, S, O>) -> Result<T, Error>,
        on_retry: OnRetry<'_>,
    ) -> Result<T, Failure> {
        self.backoff.reset();
        let (mut is_again, mut farthest) = (false, None);
        loop {
            let (mut stream, mut observer) = self.take_connection(on_retry)?;
            let mut reached = farthest;
            let outcome = task(Attempt {
                stream: &mut stream,
                observer: &mut observer,
                is_readable: self.is_readable,
                is_again,
                reached: &mut reached,
            });
            if outcome.as_ref().err().is_none_or(Error::keeps_connection) {
                self.connection = Some((stream, observer));
            }
            let error = match outcome {
                Ok(done) => return Ok(done),
                Err(error) => error,
            };
            if reached > farthest {
                // A long file may break as often as it likes, as long as each try gets farther.
                self.backoff.reset();
                farthest = reached;
            }
            self.pause(error.into(), farthest.is_some(), on_retry)?;
            is_again = true;
        }
    }

    /// Asks once over the connection that there is. If there is none, or the answer does not come, that is no
    /// error: the next task makes a new one.
    pub(crate) fn ask<T>(
        &mut self,
        ask: impl FnOnce(&mut S, &mut O) -> Result<T, Error>,
    ) -> Option<T> {
        let (mut stream, mut observer) =
            self.connection.take().filter(|(stream, _)| !(self.is_readable)(stream))?;
        let outcome = ask(&mut stream, &mut observer);
        if outcome.as_ref().err().is_none_or(Error::keeps_connection) {
            self.connection = Some((stream, observer));
        }
        outcome.ok()
    }

    /// The connection that there is, or else a new one.
    fn take_connection(&mut self, on_retry: OnRetry<'_>) -> Result<(S, O), Failure> {
        let is_of_use = |(stream, _): &(S, O)| !(self.is_readable)(stream);
        if let Some(connection) = self.connection.take().filter(is_of_use) {
            return Ok(connection);
        }
        loop {
            match (self.connect)() {
                Ok(connection) => {
                    self.was_connected = true;
                    return Ok(connection);
                }
                Err(error) if self.was_connected => self.pause(error.into(), true, on_retry)?,
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Pauses before the next try. If there is to be none, fails with `failure`.
    fn pause(
        &mut self,
        failure: Failure,
        was_answered: bool,
        on_retry: OnRetry<'_>,
    ) -> Result<(), Failure> {
        let tries = self.backoff.limit();
        if !failure.is_passing(was_answered) || tries == 0 {
            return Err(failure);
        }
        let Some(retry) = self.backoff.retry(&failure, "trying") else {
            return Err(Failure::GaveUp { tries, last: Box::new(failure) });
        };
        let pause = retry.pause;
        on_retry(retry);
        thread::sleep(pause);
        Ok(())
    }
}
