//! What all requests have in common: the files they are about, and what becomes of them.

use std::fmt::Display;
use std::io::Read;
use std::ops::Range;
use std::time::Duration;

use lesson08_shared::protocol::{HEADER_LIMIT, Message, Refusal, Request, Status};
use partial::Folder;
use serde::{Serialize, de::DeserializeOwned};
use trace::Observer;

/// The files, and what may be done with them.
#[derive(Debug)]
pub struct Store {
    /// Where they are.
    pub folder: Folder,
    /// Whether no file is taken.
    pub read_only: bool,
    /// The longest file that is taken, in bytes.
    pub max_size: u64,
    /// The longest list of a folder that is sent, in bytes of JSON.
    pub max_message: usize,
}

/// What was done.
#[derive(Debug)]
pub enum Outcome {
    /// A number of names was listed.
    Listed(usize),
    /// The bytes of a file at these offsets were moved.
    Moved(Range<u64>),
}

/// Why a request was not done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The client is told, and may ask for something else.
    #[error("refused: {0}")]
    Refused(#[from] Refusal),
    /// The client is told, and the conversation ends, because it cannot be known where in the bytes
    /// that still come the next message begins.
    #[error("refused: {0}")]
    RefusedMidway(Refusal),
    /// The stream broke, or what came on it is no message.
    #[error(transparent)]
    Stream(#[from] wire::Error),
}

/// Told where messages end, and what became of each request.
pub trait TransferObserver: Observer {
    /// A request has been done, or not, in so much time.
    fn answered(&mut self, request: &Request, outcome: &Result<Outcome, Error>, took: Duration);

    /// Something else has happened.
    fn note(&mut self, event: &dyn Display);

    /// The conversation has ended.
    fn closed(self, outcome: Result<(), Error>);

    /// Whether to go on with what takes long: not for a client that has gone, nor in a server that is about
    /// to end and waits no longer.
    fn should_continue(&self) -> bool {
        true
    }
}

/// Receives a message without a body; `None` when the client has ended the stream.
pub(crate) fn receive<T: Serialize + DeserializeOwned>(
    stream: &mut impl Read,
) -> wire::Result<Option<T>> {
    match wire::read_header::<Message<T>>(stream, HEADER_LIMIT)? {
        Some(Message { fields, size: 0 }) => Ok(Some(fields)),
        Some(Message { size: length, .. }) => Err(wire::Error::BodyTooLarge { length, limit: 0 }),
        None => Ok(None),
    }
}

/// The refusal that says to a client what is wrong with a file.
pub(crate) fn refusal(error: impl Into<partial::Error>) -> Refusal {
    use partial::Error;
    let error = error.into();
    let status = match error {
        Error::Name(_) | Error::Outside => Status::NotAllowed,
        Error::NotFound => Status::NoSuchFile,
        Error::NotAFile => Status::NotAFile,
        Error::Exists => Status::Exists,
        Error::Busy => Status::Busy,
        Error::TooManyNames(_) => Status::TooLarge,
        Error::Full(_) => Status::DiskFull,
        _ => Status::Failed,
    };
    Refusal::new(status, error.to_string())
}
