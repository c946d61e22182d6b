//! What a client is told for whom there is no room: a word and an orderly end, instead of silence.

use std::io;
use std::thread::{self, Scope};
use std::time::Duration;

use crossbeam_channel::{Sender, bounded};
use endpoint::{Connection, Log};

use crate::{Framing, send};

/// How many refused clients may be waited for at once; beyond that they are closed without a wait.
pub(crate) const AT_ONCE: usize = 64;

/// How long a refused client may take to hang up.
pub(crate) const PATIENCE: Duration = Duration::from_secs(1);

/// What a client is told for whom there is no room.
pub(crate) fn words(why: &str) -> String {
    format!("busy: {why}; try again later\n")
}

/// Why there is none, where clients are limited to `most`.
pub(crate) fn all_taken(most: usize) -> String {
    format!("places for clients: {most}, all taken")
}

/// Sends clients away. A thread of its own does the waiting, so that `accept` need not.
#[derive(Debug)]
pub struct Refusals {
    framing: Framing,
    leaving: Sender<Connection>,
}

impl Refusals {
    /// Starts the thread that waits until refused clients have hung up.
    ///
    /// # Errors
    /// When there is no thread to be had.
    pub fn start<'scope>(
        scope: &'scope Scope<'scope, '_>,
        framing: Framing,
    ) -> io::Result<Refusals> {
        let (leaving, refused) = bounded::<Connection>(AT_ONCE);
        thread::Builder::new().spawn_scoped(scope, move || {
            refused.iter().for_each(|connection| connection.hang_up(PATIENCE));
        })?;
        Ok(Refusals { framing, leaving })
    }

    /// Tells a client in one line why it is not served, and hangs up.
    pub fn refuse(&self, mut connection: Connection, log: &Log, why: &str) {
        log.note(format_args!("refused: {why}"));
        // The client's receive buffer is empty, so this does not wait. It may have left already.
        _ = send(&mut connection, self.framing, words(why).as_bytes());
        // When the queue is full, the connection comes back with the error, and closes here.
        _ = self.leaving.try_send(connection);
    }
}
