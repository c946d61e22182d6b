//! What a client is told for whom there is no room, and an orderly end, as in lesson 05.

use std::io;
use std::thread::{self, Scope};
use std::time::Duration;

use crossbeam_channel::{Sender, bounded};
use endpoint::{Connection, Dialect};

use crate::protocol::{Done, Refusal, Reply, Status};
use crate::say;

/// How many clients may be waited for at once; beyond that they are closed without a wait.
const AT_ONCE: usize = 64;

/// How long such a client may take to hang up.
const PATIENCE: Duration = Duration::from_secs(1);

/// A thread of its own waits until they have gone, so that `accept` need not.
#[derive(Debug)]
pub(crate) struct SendingAway {
    dialect: Dialect,
    leaving: Sender<Connection>,
}

impl SendingAway {
    /// # Errors
    /// When there is no thread to be had.
    pub(crate) fn start<'scope>(
        scope: &'scope Scope<'scope, '_>,
        dialect: Dialect,
    ) -> io::Result<SendingAway> {
        let (leaving, sent_away) = bounded::<Connection>(AT_ONCE);
        thread::Builder::new().spawn_scoped(scope, move || {
            sent_away.iter().for_each(|connection| connection.hang_up(PATIENCE));
        })?;
        Ok(SendingAway { dialect, leaving })
    }

    pub(crate) fn send(&self, mut connection: Connection) {
        // The tutorial's programs have no word for it.
        if self.dialect == Dialect::Ours {
            let message = "all places for clients are taken; try again later";
            let refusal = Refusal::new(Status::Busy, message);
            // Its receive buffer is empty, so this does not wait. It may have left already.
            _ = say(&mut connection, Reply::<Done>::refused(refusal));
        }
        // When the queue is full, the connection comes back with the error, and closes here.
        _ = self.leaving.try_send(connection);
    }
}
