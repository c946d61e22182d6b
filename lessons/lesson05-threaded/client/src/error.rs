//! What can come instead of an answer, and whether it pays to try again.

use std::io;

use endpoint::Failure;
use trace::text::{escape, quote};

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no connection.
    #[error("{0}")]
    Connect(#[from] endpoint::Error),
    /// The server has no room for this client; it said so, and ended the stream.
    #[error("the server says \"{}\"", escape(words.trim_ascii_end()))]
    Busy {
        /// The server's words.
        words: Vec<u8>,
    },
    /// The server ended the stream, in order, where an answer or the rest of one should have come.
    #[error("the server ended the connection before the answer was whole")]
    Ended,
    /// The connection broke: the server, or its machine, gave it up.
    // Not the source, because `console` has advice for that which is about other lessons.
    #[error("the connection broke: {0}")]
    Broken(io::Error),
    /// Something else was answered than the request in upper case.
    #[error(
        "the server answered {}, which is not the request in upper case; does it run another \
         --service?",
        quote(answer)
    )]
    NotUpper {
        /// How the answer begins.
        answer: Vec<u8>,
    },
    /// The tutorial's servers take a request with one `recv`.
    #[error("a request of {length} bytes: the tutorial's servers take at most {limit}")]
    TooLong {
        /// The request's length in bytes.
        length: usize,
        /// The longest that one `recv` takes, in bytes.
        limit: usize,
    },
    /// A message could not be sent or received, and asking again would not help.
    #[error("{0}")]
    Exchange(#[source] wire::Error),
    /// The answer to a command was lost. The command may have been run, so it is not sent again.
    #[error("{0}; the command may have been run, so it is not sent again")]
    Unanswered(#[source] Box<Error>),
    /// As many tries in a row as there may be were in vain.
    #[error("gave up after --retries {tries}: {last}{}", last.hint())]
    GaveUp {
        /// How many tries there were after the first.
        tries: u32,
        /// What became of the last one.
        #[source]
        last: Box<Error>,
    },
}

impl Error {
    /// Whether another try may go better. To ask a peer again that says nothing, or nothing that
    /// makes sense, would only take longer.
    pub fn is_passing(&self) -> bool {
        match self {
            Error::Connect(error) => error.is_passing(),
            Error::Busy { .. } | Error::Ended | Error::Broken(_) | Error::Unanswered(_) => true,
            _ => false,
        }
    }

    fn hint(&self) -> &'static str {
        match self {
            Error::Busy { .. } => "; to wait longer, raise --retries",
            Error::Ended | Error::Broken(_) | Error::Unanswered(_) => {
                "; do both ends have the same --service and --dialect?"
            }
            // `console` says what to do when no server is there.
            _ => "",
        }
    }
}

impl From<wire::Error> for Error {
    fn from(error: wire::Error) -> Error {
        match Failure::from(error) {
            Failure::Ended => Error::Ended,
            Failure::Broken(error) => Error::Broken(error),
            Failure::Expired(error) => Error::Exchange(error.into()),
            Failure::Exchange(error) => Error::Exchange(error),
        }
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Error {
        wire::Error::Io(error).into()
    }
}
