//! What can come instead of a file, and whether it pays to try again.

use std::io::{self, ErrorKind};

use trace::text::harmless;

use crate::protocol::{Refusal, Status};
use crate::transfer;

/// Why a file was not moved, or a folder not listed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no connection.
    #[error("{0}")]
    Connect(#[from] endpoint::Error),
    /// The server ended the stream where more should have come.
    #[error("the server ended the connection before all was said")]
    Ended,
    /// The connection broke: the server, or its machine, gave it up.
    // Not the source, because `console` has advice for that which is about other lessons.
    #[error("the connection broke: {0}")]
    Broken(io::Error),
    /// A message could not be sent or received, and asking again would not help.
    #[error("{0}")]
    Exchange(#[source] wire::Error),
    /// The server says no.
    #[error("{}", in_words(.0))]
    Refused(Refusal),
    /// The server says no in the middle of a file, and hangs up.
    #[error("{}", in_words(.0))]
    Stopped(Refusal),
    /// The server's words do not fit together.
    #[error("the server contradicts itself: {0}")]
    Contradiction(&'static str),
    /// What arrived is not what was sent.
    #[error(
        "what came has the MD5 {actual}, and the server says {}: it was damaged on its way, and \
         nothing of it is kept; try again",
        harmless(announced)
    )]
    WrongDigest {
        /// The server's word.
        announced: String,
        /// Ours.
        actual: String,
    },
    /// The file was changed while it was sent, or could not be read to its end, by either side.
    #[error("it was changed, or could not be read, while it was sent; try again")]
    Changed,
    /// The tutorial's only no.
    #[error("the server has no file of that name, or does not give it away")]
    NotThere,
    /// A file of that name is here.
    #[error(
        "a file \"{}\" is here already; --force replaces it, --into keeps the other elsewhere",
        harmless(.0)
    )]
    Here(String),
    /// A file of that name is on both sides, with different content.
    #[error(
        "here and there are different files of that name; --force replaces the one by the other"
    )]
    Differs,
    /// The file that is to be sent cannot be read.
    #[error("cannot read it: {0}")]
    Read(#[source] io::Error),
    /// It is a folder, a device, or the like.
    #[error("it is not a file")]
    NotAFile,
    /// The name that a file is to have on the server is no text.
    #[error("its name is not UTF-8")]
    NotText,
    /// No file here can be called that.
    #[error("\"{}\" is no name for a file here: {why}", harmless(.name))]
    NoName {
        /// The name.
        name: String,
        /// What is wrong with it.
        #[source]
        why: partial::NameError,
    },
    /// The file that is to be kept cannot be written.
    #[error("cannot keep it here: {}{}", .0, advice(.0))]
    Keep(#[from] partial::Error),
    /// The tutorial's servers take a name with one `recv`.
    #[error(
        "a name of {length} bytes: the tutorial's servers take at most {}",
        crate::tutorial::RECV_SIZE
    )]
    TooLong {
        /// Its length in bytes.
        length: usize,
    },
    /// So many tries in a row were in vain.
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
    /// Whether it may be another time next time. Asking a peer again that says nothing, or nothing
    /// that makes sense, would only take longer.
    pub fn is_passing(&self) -> bool {
        use endpoint::Error::{Address, Resolve};
        match self {
            Error::Connect(error) => !matches!(error, Address { .. } | Resolve { .. }),
            Error::Ended | Error::Broken(_) => true,
            // Perhaps it is we who are in the way: the server may not have noticed yet that our last
            // connection is gone.
            Error::Refused(refusal) | Error::Stopped(refusal) => refusal.status == Status::Busy,
            _ => false,
        }
    }

    /// Whether the connection can be used for the next request: all that was said has been heard.
    pub fn leaves_order(&self) -> bool {
        match self {
            // A server without room says the same, and hangs up.
            Error::Refused(refusal) => refusal.status != Status::Busy,
            Error::Changed | Error::WrongDigest { .. } | Error::Here(_) | Error::NotThere => true,
            _ => false,
        }
    }

    /// Whether there is no server any more, so that there is no need to ask for the next file.
    pub fn is_the_end(&self) -> bool {
        match self {
            Error::Connect(_) => true,
            Error::GaveUp { last, .. } => last.is_the_end(),
            _ => false,
        }
    }

    /// Whether the connection is to blame, so that what has been moved stays for a resume.
    pub fn is_interruption(&self) -> bool {
        use Error::{Broken, Ended, Exchange, GaveUp};
        matches!(self, Ended | Broken(_) | GaveUp { .. } | Exchange(wire::Error::Io(_)))
    }

    fn hint(&self) -> &'static str {
        match self {
            Error::Ended | Error::Broken(_) => "; do both ends speak the same --dialect?",
            // Others say what to do by themselves.
            _ => "",
        }
    }
}

impl From<wire::Error> for Error {
    fn from(error: wire::Error) -> Error {
        match error {
            wire::Error::EndInHeader { .. } | wire::Error::EndInBody { .. } => Error::Ended,
            wire::Error::Io(error) if error.kind() == ErrorKind::UnexpectedEof => Error::Ended,
            wire::Error::Io(error) if endpoint::is_broken(&error) => Error::Broken(error),
            error => Error::Exchange(error),
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

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Error {
        wire::Error::Io(error).into()
    }
}

/// What to do next when a file cannot be kept.
fn advice(error: &partial::Error) -> &'static str {
    match error {
        partial::Error::Full(_) => "; when there is space, --resume goes on",
        partial::Error::Busy => "; try again later",
        partial::Error::Denied(_) => "; choose another folder with --into",
        _ => "",
    }
}

/// The server's no, and what to do next.
fn in_words(Refusal { status, message }: &Refusal) -> String {
    let advice = match status {
        Status::NoSuchFile => "; `list` shows what there is",
        Status::NotAFile => "; `list` shows what is in a folder",
        Status::Exists => "; --force replaces it, --resume leaves it if it is the same",
        Status::TooLarge => "; the server would have to be started with a larger --max-size",
        Status::ReadOnly => "; the server would have to be started without --read-only",
        Status::NotAllowed => "; write a name below the server's --root, such as folder/a.txt",
        Status::DiskFull => "; nothing of it was kept; try again when there is space",
        Status::ChecksumMismatch | Status::Changed => "; try again",
        Status::Busy => "; try again later",
        Status::Ok | Status::Failed => "",
    };
    format!("the server says {status}: {}{advice}", harmless(message))
}
