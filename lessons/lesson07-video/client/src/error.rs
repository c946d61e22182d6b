//! What ends a film before its time.

use std::io;

use endpoint::Failure;
use trace::text::quote;

use crate::pace::OutOfTurn;

/// Why a film has ended before its time.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no picture, or no next one.
    #[error("{0}")]
    Picture(#[from] video::Error),
    /// A stage of the film could not be started.
    #[error("cannot start a thread to {what}: {source}")]
    Thread {
        /// What the thread is for.
        what: &'static str,
        /// The operating system's error.
        source: io::Error,
    },
    /// A stage of the film has ended with a panic.
    #[error("a stage of the film has ended with a bug")]
    StagePanicked,
    /// The server ended the stream in order, and has not said that the last frames have arrived.
    #[error("the server ended the connection")]
    Ended,
    /// The connection broke: the server, or its machine, gave it up.
    // Neither this error nor the next one gives the error inside as its source, because `console` has
    // advice for that which is about other lessons.
    #[error("the connection broke: {0}")]
    Broken(io::Error),
    /// The server does not say in time that a frame has arrived.
    #[error("the server takes no frame")]
    Silent(io::Error),
    /// The server's message is no acknowledgement.
    #[error("{0}")]
    Exchange(#[source] wire::Error),
    /// The acknowledgement of a frame announces a body, and nothing may follow one.
    #[error("the server announces {more} bytes where nothing may follow")]
    MoreFollows {
        /// The length of the body, in bytes.
        more: u64,
    },
    /// The server names another frame than the one whose turn it is.
    #[error("{0}")]
    OutOfTurn(#[from] OutOfTurn),
    /// In the tutorial's dialect: the server said something else than `ok`.
    #[error("the server said {} instead of \"ok\"", quote(words))]
    NotOk {
        /// The bytes that came instead.
        words: Vec<u8>,
    },
}

impl From<wire::Error> for Error {
    fn from(error: wire::Error) -> Error {
        match Failure::from(error) {
            Failure::Ended => Error::Ended,
            Failure::Broken(error) => Error::Broken(error),
            Failure::Expired(error) => Error::Silent(error),
            Failure::Exchange(error) => Error::Exchange(error),
        }
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Error {
        wire::Error::Io(error).into()
    }
}
