//! What can come instead of a file.

use std::io;

use endpoint::Failure;
use lesson08_shared::protocol::{Refusal, Status};
use lesson08_shared::transfer;
use trace::text::escape_controls;

/// Why a file was not moved, or a folder not listed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The server ended the stream where more should have come.
    #[error("the server ended the connection before all was said")]
    Ended,
    /// The connection broke: the server, or its machine, gave it up.
    // Not the source, because there is advice for that which is about other lessons.
    #[error("the connection broke: {0}")]
    Broken(io::Error),
    /// A message could not be sent or received, and asking again would not help.
    #[error("{0}")]
    Exchange(#[source] wire::Error),
    /// The server refuses the request.
    #[error("the server says {}: {}", .0.status, escape_controls(&.0.message))]
    Refused(Refusal),
    /// The server refuses a file in the middle of it, and hangs up.
    #[error("the server says {}: {}", .0.status, escape_controls(&.0.message))]
    RefusedMidway(Refusal),
    /// The server's messages do not fit together.
    #[error("the server contradicts itself: {0}")]
    Contradiction(&'static str),
    /// What arrived is not what was sent.
    #[error("what came has the MD5 {actual}, and the server says {}", escape_controls(announced))]
    WrongDigest {
        /// The MD5 that the server has sent.
        announced: String,
        /// The MD5 of the bytes that arrived.
        actual: String,
    },
    /// The file was changed while it was sent, or could not be read to its end, by either side.
    #[error("it was changed, or could not be read, while it was sent; try again")]
    Changed,
    /// A file of that name is here, and it is not to be replaced.
    #[error("a file \"{}\" is here already", escape_controls(.0))]
    Exists(String),
    /// A file of that name is on both sides, with different content.
    #[error("here and there are different files of that name")]
    Differs,
    /// The file is longer than is received, both in bytes.
    #[error("it has {0} bytes, and {1} are taken here")]
    TooLarge(u64, u64),
    /// The file that is to be sent cannot be read.
    #[error("cannot read it: {0}")]
    Read(#[source] io::Error),
    /// The file that is to be kept cannot be written.
    #[error("cannot keep it here: {0}")]
    Keep(#[from] partial::Error),
    /// The tutorial's only refusal.
    #[error("the server has no file of that name, or does not give it away")]
    NotThere,
    /// The tutorial's servers take a name with one `recv`.
    #[error("a name of {0} bytes: the tutorial's servers take at most {1}")]
    NameTooLong(usize, usize),
}

impl Error {
    /// Whether the connection can be used for the next request: what is read next is its answer.
    pub fn keeps_connection(&self) -> bool {
        match self {
            // A server without a place for this client says the same, and hangs up.
            Error::Refused(refusal) => refusal.status != Status::Busy,
            Error::Changed | Error::WrongDigest { .. } | Error::Exists(_) | Error::NotThere => true,
            _ => false,
        }
    }
}

impl From<wire::Error> for Error {
    fn from(error: wire::Error) -> Error {
        match error.into() {
            Failure::Ended => Error::Ended,
            Failure::Broken(error) => Error::Broken(error),
            Failure::Expired(error) => Error::Exchange(error.into()),
            Failure::Exchange(error) => Error::Exchange(error),
        }
    }
}

impl From<transfer::Error> for Error {
    fn from(error: transfer::Error) -> Error {
        match error {
            transfer::Error::Stream(error) => error.into(),
            transfer::Error::File(error) => Error::Keep(error.into()),
        }
    }
}
