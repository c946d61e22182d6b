//! The server's line for each request.

use std::fmt::Display;
use std::ops::Range;
use std::time::{Duration, Instant};

use console::{Log, ServerLog};
use endpoint::{Connection, Progress, Stop};
use lesson08_server::{Error, Outcome, TransferObserver};
use lesson08_shared::protocol::Request;
use trace::Observer;

/// Writes a line for each request. The headers themselves, and the chunks of a file, would be too
/// many lines for a person; `--trace` shows them.
#[derive(Debug)]
pub(crate) struct TransferLog {
    log: Log,
    progress: Progress,
    stop: Stop,
    /// Another handle of the client's connection.
    connection: Connection,
    /// When the client asked last.
    asked: Instant,
}

/// Who has ended its direction may only have no more to ask, and is worked for so long all the same.
const PATIENCE_AFTER_END: Duration = Duration::from_secs(1);

impl TransferLog {
    /// The log of a client that has connected to a server which ends with `stop`.
    pub(crate) fn new(server: &ServerLog, connection: &Connection, stop: &Stop) -> TransferLog {
        TransferLog {
            log: server.connected(connection),
            progress: connection.progress(),
            stop: stop.clone(),
            connection: connection.clone_handle(),
            asked: Instant::now(),
        }
    }
}

impl TransferObserver for TransferLog {
    fn answered(&mut self, request: &Request, outcome: &Result<Outcome, Error>, took: Duration) {
        let request = as_typed(request);
        match outcome {
            Ok(outcome) => {
                self.note(&format_args!("{request}: {} in {took:.1?}", in_words(outcome)));
            }
            Err(Error::Stream(_)) => {
                self.note(&format_args!("{request}: broken off after {took:.1?}"));
            }
            Err(refused) => self.note(&format_args!("{request}: {refused}")),
        }
    }

    fn note(&mut self, event: &dyn Display) {
        self.log.note(event);
    }

    fn closed(self, outcome: Result<(), Error>) {
        match outcome {
            Err(Error::Stream(error)) => self.log.closed(&Err(error)),
            Err(Error::Refused(_) | Error::RefusedMidway(_)) => self.log.closed_by_server(),
            Ok(()) => self.log.closed(&Ok::<_, wire::Error>(())),
        }
    }

    fn should_continue(&self) -> bool {
        let has_gone = || self.asked.elapsed() > PATIENCE_AFTER_END && self.connection.has_ended();
        !self.stop.is_abandoned() && !has_gone()
    }
}

impl Observer for TransferLog {
    fn received(&mut self, message: &[u8]) {
        self.asked = Instant::now();
        self.progress.received(message);
    }

    fn sent(&mut self, message: &[u8]) {
        self.progress.sent(message);
    }

    fn advanced(&mut self) {
        self.progress.advanced();
    }
}

/// A request as a person would type it.
fn as_typed(request: &Request) -> String {
    let (verb, name) = match request {
        Request::List { name } => ("list", name),
        Request::Get { name, .. } => ("get", name),
        Request::Put(put) => ("put", &put.name),
    };
    format!("{verb} {}", trace::text::quote(name.as_bytes()))
}

fn in_words(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Listed(1) => "1 name".to_owned(),
        Outcome::Listed(names) => format!("{names} names"),
        Outcome::Moved(Range { start: 0, end }) => format!("{end} bytes"),
        Outcome::Moved(Range { start, end }) => {
            format!("{} bytes, resumed at {start},", end - start)
        }
    }
}
