//! What can be wrong with what comes back, and at which byte.

use std::io;

use console::describe;
use trace::text::quote;

/// Not every byte came back as it should. Bytes are counted from 0, and each exchange and each bulk
/// transfer begins anew: [`Error::after`] counts on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Another byte came than the one that should have.
    #[error(
        "at byte {at}: sent {}, expected {}, got {}",
        quote(&[*.sent]), quote(&[*.expected]), quote(&[*.got])
    )]
    Wrong {
        /// Where.
        at: u64,
        /// What was sent in this place.
        sent: u8,
        /// What was sent in this place, in upper case.
        expected: u8,
        /// What came.
        got: u8,
    },
    /// More came than was sent.
    #[error("at byte {at}: got {}, and no more was sent", quote(&[*.got]))]
    TooMuch {
        /// Where: as many bytes as were sent, all of them right, came before.
        at: u64,
        /// The first byte that is too much.
        got: u8,
    },
    /// The stream ended, in order, before all had come back.
    #[error("the stream ended after {at} of {size} bytes")]
    Ended {
        /// How many bytes, all of them right, came before.
        at: u64,
        /// How many should have come.
        size: u64,
    },
    /// This side ended its direction, and all came back, except for the end of the other direction.
    #[error("all {size} bytes came back, and then no end of the stream: {}", describe(cause))]
    NoEnd {
        /// How many bytes were sent.
        size: u64,
        /// What came in the place of the end: most often nothing, until the time-out.
        cause: io::Error,
    },
    /// The connection broke, or nothing went on for too long.
    // Not the source, because `console` has advice for that which is about other lessons.
    #[error("after {at} of {size} bytes: {}", describe(cause))]
    Broken {
        /// How many bytes, all of them right, came before.
        at: u64,
        /// How many should have come.
        size: u64,
        /// The operating system's word for it, or that of the time-out.
        cause: io::Error,
    },
    /// There is no thread to send with.
    #[error("cannot start a thread: {0}")]
    Thread(io::Error),
}

impl Error {
    /// The same error, with its place counted from the beginning of the connection, over which so
    /// many bytes went `before`: so it can be found again in what the proxy says.
    #[must_use]
    pub fn after(mut self, before: u64) -> Error {
        match &mut self {
            Error::Wrong { at, .. } | Error::TooMuch { at, .. } => *at += before,
            Error::NoEnd { size, .. } => *size += before,
            Error::Ended { at, size } | Error::Broken { at, size, .. } => {
                *at += before;
                *size += before;
            }
            Error::Thread(_) => {}
        }
        self
    }
}
