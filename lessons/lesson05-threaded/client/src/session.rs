//! A conversation that outlives its connections: what failed is tried again, after a pause.
//!
//! The pause is the point. A client that tries again at once, as the tutorial's do, tries tens of
//! thousands of times a second: it heats its own machine, and falls upon a server that has just
//! come back. So the pauses grow, they differ from client to client, and their number has a limit.

use std::io::{Read, Write};
use std::thread;

use endpoint::Retry;
use trace::Observer;

use crate::{Backoff, Error, Service, ask};

/// Asks over one connection after the other.
#[derive(Debug)]
pub struct Session<C, S, O> {
    call: C,
    service: Service,
    limit: usize,
    backoff: Backoff,
    has_ended: fn(&S) -> bool,
    connection: Option<(S, O)>,
}

impl<C, S, O> Session<C, S, O>
where
    C: FnMut() -> Result<(S, O), endpoint::Error>,
    S: Read + Write,
    O: Observer,
{
    /// A session whose connections, each with its observer, come from `call`, and whose answers
    /// have at most `limit` bytes. `backoff` says how often, and after what pauses, it tries again.
    pub fn new(call: C, service: Service, limit: usize, backoff: Backoff) -> Session<C, S, O> {
        Session { call, service, limit, backoff, has_ended: |_| false, connection: None }
    }

    /// Asks `has_ended` before each request whether the server has closed the connection. Without
    /// that, a server that closed because this client was silent for too long is found out only
    /// when a request is lost on it.
    #[must_use]
    pub fn checking_liveness(mut self, has_ended: fn(&S) -> bool) -> Session<C, S, O> {
        self.has_ended = has_ended;
        self
    }

    /// Makes a connection if there is none. `tell` hears of each try that failed.
    ///
    /// # Errors
    /// [`Error::GaveUp`] when all tries were in vain, or what trying again would not help.
    pub fn connect(&mut self, tell: &mut dyn FnMut(&Retry<'_, Error>)) -> Result<(), Error> {
        self.connection = Some(self.take_connection(tell)?);
        Ok(())
    }

    /// Asks until there is an answer. `tell` hears of each try that failed.
    ///
    /// # Errors
    /// [`Error::Unanswered`] for a command that may have been run; the session can go on with the
    /// next one. [`Error::GaveUp`] when all tries were in vain, or what trying again would not
    /// help.
    pub fn ask(
        &mut self,
        request: &[u8],
        tell: &mut dyn FnMut(&Retry<'_, Error>),
    ) -> Result<Vec<u8>, Error> {
        loop {
            let mut connection = self.take_connection(tell)?;
            let (stream, observer) = &mut connection;
            let error = match ask(stream, self.service, request, self.limit, observer) {
                Ok(answer) => {
                    self.connection = Some(connection);
                    self.backoff.reset();
                    return Ok(answer);
                }
                Err(error) => error,
            };
            // The connection is of no use any more, and the server need not wait until the pause is
            // over.
            drop(connection);
            let error = self.pause(self.may_have_been_run(error), tell)?;
            if matches!(error, Error::Unanswered(_)) {
                return Err(error);
            }
        }
    }

    /// The connection that there is, or else a new one.
    fn take_connection(
        &mut self,
        tell: &mut dyn FnMut(&Retry<'_, Error>),
    ) -> Result<(S, O), Error> {
        let is_of_use = |(stream, _): &(S, O)| !(self.has_ended)(stream);
        if let Some(connection) = self.connection.take().filter(is_of_use) {
            return Ok(connection);
        }
        loop {
            match (self.call)() {
                Ok(connection) => return Ok(connection),
                Err(error) => _ = self.pause(error.into(), tell)?,
            }
        }
    }

    /// To ask twice for upper case does no harm. To run a command twice may, and when its answer is
    /// lost nobody knows whether it was run. Only a server without room has surely not run it.
    fn may_have_been_run(&self, error: Error) -> Error {
        match (self.service, error) {
            (Service::Command(_), error @ (Error::Ended | Error::Broken(_))) => {
                Error::Unanswered(Box::new(error))
            }
            (_, error) => error,
        }
    }

    /// Pauses before the next try, and gives `error` back. If there is to be none, fails with it.
    fn pause(
        &mut self,
        error: Error,
        tell: &mut dyn FnMut(&Retry<'_, Error>),
    ) -> Result<Error, Error> {
        if !error.is_passing() {
            return Err(error);
        }
        let Some(pause) = self.backoff.next() else {
            return Err(match self.backoff.limit() {
                0 => error,
                tries => Error::GaveUp { tries, last: Box::new(error) },
            });
        };
        // What may have been done already is not tried again.
        let is_done = matches!(error, Error::Unanswered(_));
        let action = if is_done { "connecting" } else { "trying" };
        let (number, limit) = (self.backoff.taken(), self.backoff.limit());
        tell(&Retry { error: &error, action, pause, number, limit });
        thread::sleep(pause);
        Ok(error)
    }
}
