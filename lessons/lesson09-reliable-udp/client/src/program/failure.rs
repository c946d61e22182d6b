//! A transfer that failed, in words: why, and what to do about it.

use std::io::ErrorKind;
use std::path::Path;

use anyhow::anyhow;
use language::text;
use lesson09_client::Error;
use lesson09_client::sender::Outcome;

const START_SERVER: &str = text!("start `cargo run -p lesson09-server`");

/// Why the file at `path` could not be sent.
pub(crate) fn of_error(error: Error, path: &Path) -> anyhow::Error {
    match error {
        Error::Read(cause) => {
            anyhow::Error::new(cause).context(format!("cannot read {}", path.display()))
        }
        Error::Socket(cause) if cause.kind() == ErrorKind::ConnectionRefused => {
            anyhow!("nobody receives there (any more): {START_SERVER}")
        }
        Error::NoReceiver => anyhow!("{error}: {START_SERVER}"),
        _ => error.into(),
    }
}

/// Why the receiver has not got the file; `None` if it has.
pub(crate) fn of_outcome(outcome: &Outcome) -> Option<anyhow::Error> {
    match outcome {
        Outcome::Done => None,
        Outcome::Refused(why) => Some(anyhow!("the receiver refused: {}", why.escape_debug())),
        Outcome::TimedOut(idle_timeout) => Some(anyhow!(
            "nothing new came from the receiver for {:?}: is it a lesson09-server? Is the link down \
             for longer, give both ends a longer --idle-timeout",
            idle_timeout.get()
        )),
    }
}
