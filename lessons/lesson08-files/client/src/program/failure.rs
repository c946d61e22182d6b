//! What a person reads when something was not done, and whether it pays to try again.

use endpoint::is_expired;
use language::text;
use lesson08_client::Error;
use lesson08_shared::protocol::{Refusal, Status};

/// Why a task was not done, with what to do next.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// There is no connection.
    #[error("{0}")]
    Connect(#[from] endpoint::Error),
    /// There is one, and the task has failed.
    #[error("{}{}", .0, advice(.0))]
    Task(#[from] Error),
    /// Several tries in a row were in vain.
    #[error("gave up after --retries {tries}: {last}{}", last.hint())]
    GaveUp {
        /// How many tries there were after the first.
        tries: u32,
        /// What became of the last one.
        #[source]
        last: Box<Failure>,
    },
}

impl Failure {
    /// Whether another try may go better. It would not with a peer that never says anything, or nothing
    /// that makes sense; where the server `was_answering`, silence is a link that is down.
    pub(crate) fn is_passing(&self, was_answering: bool) -> bool {
        use Error::{Broken, Ended, Exchange, Refused, RefusedMidway};
        match self {
            Failure::Connect(error) => error.is_passing(),
            Failure::Task(Ended | Broken(_)) => true,
            Failure::Task(Exchange(error)) => was_answering && is_expired(error),
            // The name may be busy with our own last connection, of whose end the server knows nothing.
            Failure::Task(Refused(refusal) | RefusedMidway(refusal)) => {
                refusal.status == Status::Busy
            }
            Failure::Task(_) | Failure::GaveUp { .. } => false,
        }
    }

    /// Whether there is no server any more, so that there is no need to ask for the next file.
    pub(crate) fn is_the_end(&self) -> bool {
        match self {
            Failure::Connect(_) => true,
            Failure::Task(_) => false,
            Failure::GaveUp { last, .. } => last.is_the_end(),
        }
    }

    /// Whether the connection is to blame, so that what has been moved stays for a resume.
    pub(crate) fn is_interruption(&self) -> bool {
        use Error::{Broken, Ended, Exchange};
        match self {
            Failure::Connect(_) => false,
            Failure::Task(error) => {
                matches!(error, Ended | Broken(_) | Exchange(wire::Error::Io(_)))
            }
            Failure::GaveUp { .. } => true,
        }
    }

    /// What may be the reason when every try was in vain; other failures say it by themselves.
    fn hint(&self) -> &'static str {
        match self {
            Failure::Task(Error::Ended | Error::Broken(_)) => {
                text!("; do both ends speak the same --dialect?")
            }
            _ => "",
        }
    }
}

/// What to do next.
fn advice(error: &Error) -> &'static str {
    match error {
        Error::Refused(Refusal { status, .. }) | Error::RefusedMidway(Refusal { status, .. }) => {
            after_refusal(*status)
        }
        Error::WrongDigest { .. } => {
            text!(": it was damaged on its way, and nothing of it is kept; try again")
        }
        Error::Exists(_) => text!("; --force replaces it, --into keeps the other elsewhere"),
        Error::Differs => text!("; --force replaces the one by the other"),
        Error::Keep(partial::Error::Full(_)) => text!("; when there is space, --resume goes on"),
        Error::Keep(partial::Error::Busy) => text!("; try again later"),
        Error::Keep(
            partial::Error::Denied(_) | partial::Error::ReadOnly | partial::Error::Removed,
        ) => text!("; choose another folder with --into"),
        Error::Keep(partial::Error::Name(_)) => text!("; --as NAME gives it another name"),
        Error::TooLarge(..) => text!("; --max-size says how many"),
        _ => "",
    }
}

fn after_refusal(status: Status) -> &'static str {
    match status {
        Status::NoSuchFile => text!("; `list` shows what there is"),
        Status::NotAFile => text!("; `list` shows what is in a folder"),
        Status::Exists => text!("; --force replaces it, --resume leaves it if it is the same"),
        Status::TooLarge => text!("; the server would have to be started with a larger --max-size"),
        Status::ReadOnly => text!("; the server would have to be started without --read-only"),
        Status::NotAllowed => {
            text!("; write a name below the server's --root, such as folder/a.txt")
        }
        Status::DiskFull => text!("; nothing of it was kept; try again when there is space"),
        Status::ChecksumMismatch | Status::Changed => text!("; try again"),
        Status::Busy => text!("; try again later"),
        Status::Ok | Status::Failed => "",
    }
}
