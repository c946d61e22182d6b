//! What a client is told for whom there is no room: a word and an orderly end, instead of silence.

use std::io;
use std::thread::Scope;

use console::Log;
use endpoint::{Connection, LingeringClose};

use crate::message::{LengthHeaders, send};

/// The line that says so, and why.
pub(crate) fn words(why: &str) -> String {
    format!("busy: {why}; try again later\n")
}

/// Why there is no room, where so many clients are served at a time as `limit`.
pub(crate) fn all_taken(limit: usize) -> String {
    format!("places for clients: {limit}, all taken")
}

/// Sends clients away. A thread waits until they have hung up, so that `accept` need not.
#[derive(Debug)]
pub struct Refusals {
    headers: LengthHeaders,
    closing: LingeringClose,
}

impl Refusals {
    /// Starts the thread that waits until refused clients have hung up.
    ///
    /// # Errors
    /// When there is no thread to be had.
    pub fn start<'scope>(
        scope: &'scope Scope<'scope, '_>,
        headers: LengthHeaders,
    ) -> io::Result<Refusals> {
        Ok(Refusals { headers, closing: LingeringClose::start(scope)? })
    }

    /// Tells a client in one line why it is not served, and hangs up.
    pub fn refuse(&self, mut connection: Connection, log: &Log, why: &str) {
        log.note(format_args!("refused: {why}"));
        // The client's receive buffer is empty, so this does not wait. It may have left already.
        _ = send(&mut connection, self.headers, words(why).as_bytes());
        self.closing.close(connection);
    }
}
