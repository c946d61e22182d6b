//! What ends a film before its time, and whether it pays to call again.

use std::io;
use std::path::PathBuf;

use trace::text::quote;

use crate::pace::OutOfTurn;

/// Why a film has ended before its time.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no such film.
    #[error(
        "cannot read the film {}: {source}; a camera is named with its number: camera:0",
        .path.display()
    )]
    Read {
        /// The file.
        path: PathBuf,
        /// The operating system's word for it.
        source: io::Error,
    },
    /// The file holds no film that OpenCV can read, or one without a picture.
    #[error(
        "{} is no film of which OpenCV can read a picture; an .avi or .mp4 from a camera usually \
         is, and --source pattern needs no file",
        .0.display()
    )]
    NoFilm(PathBuf),
    /// There is no such camera, or another program has it.
    #[error(
        "camera {0} cannot be opened: no such camera, or another program uses it; try another \
         number, or --source pattern, which needs none"
    )]
    NoCamera(u16),
    /// The camera gave pictures, and now gives none.
    #[error("camera {0} gives no pictures (any more): was it unplugged?")]
    CameraSilent(u16),
    /// OpenCV could not draw, scale or encode a picture.
    #[error("cannot {what}: {}", one_line(&source.message))]
    Picture {
        /// What was tried.
        what: &'static str,
        /// OpenCV's word for it.
        source: opencv::Error,
    },
    /// A stage of the film could not be started.
    #[error("cannot start a thread to {what}: {source}")]
    Thread {
        /// What it is for.
        what: &'static str,
        /// The operating system's word for it.
        source: io::Error,
    },
    /// A stage of the film has ended with a panic.
    #[error("a stage of the film has ended with a bug")]
    Bug,
    /// There is no connection.
    #[error("{0}")]
    Connect(#[from] endpoint::Error),
    /// The server ended the stream in order, and has not said that the last frames have arrived.
    #[error(
        "the server ended the connection; was it stopped, did it refuse a frame (its terminal \
             says why), or does it speak another --dialect?"
    )]
    Ended,
    /// The connection broke: the server, or its machine, gave it up.
    // Not the source, because `console` has advice for that which is about other lessons.
    #[error(
        "the connection broke: {0}; was the server stopped, did it refuse a frame (its terminal \
             says why), or does it speak another --dialect?"
    )]
    Broken(io::Error),
    /// The server does not say that a frame has arrived.
    #[error(
        "{}: the server takes no frame; it shows one film at a time, and may be showing another's",
        console::in_words(.0)
    )]
    Silent(io::Error),
    /// What the server says is no word for a frame.
    #[error("{0}")]
    Exchange(#[source] wire::Error),
    /// The server's word for a frame announces something more, and nothing follows such a word.
    #[error("the server announces {more} bytes where nothing may follow; {}", console::OTHER_WORDS)]
    MoreFollows {
        /// How many.
        more: u64,
    },
    /// The server names another frame than the one whose turn it is.
    #[error("{0}; is it lesson 07's server?")]
    OutOfTurn(#[from] OutOfTurn),
    /// In the tutorial's dialect: the server said something else than `ok`.
    #[error("the server said {} instead of \"ok\"; {}", quote(words), console::OTHER_WORDS)]
    NotOk {
        /// What came.
        words: Vec<u8>,
    },
    /// So many tries in a row were in vain.
    #[error("gave up after --retries {tries}: {last}")]
    GaveUp {
        /// How many tries there were after the first.
        tries: u32,
        /// What became of the last one.
        #[source]
        last: Box<Error>,
    },
}

impl Error {
    /// Whether it may be another time next time: the server is started again, or its network.
    pub fn is_passing(&self) -> bool {
        use endpoint::Error::{Address, Resolve};
        match self {
            Error::Connect(error) => !matches!(error, Address { .. } | Resolve { .. }),
            Error::Ended | Error::Broken(_) => true,
            _ => false,
        }
    }

    /// For `map_err`: OpenCV could not do `what`.
    pub fn picture(what: &'static str) -> impl Fn(opencv::Error) -> Error {
        move |source| Error::Picture { what, source }
    }
}

impl From<wire::Error> for Error {
    fn from(error: wire::Error) -> Error {
        match error {
            wire::Error::EndInHeader { .. } | wire::Error::EndInBody { .. } => Error::Ended,
            wire::Error::Io(error) if endpoint::is_broken(&error) => Error::Broken(error),
            wire::Error::Io(error) if endpoint::is_expired(&error) => Error::Silent(error),
            error => Error::Exchange(error),
        }
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Error {
        wire::Error::Io(error).into()
    }
}

/// OpenCV's words have several lines, with the file and the line of its source.
fn one_line(message: &str) -> String {
    message.split_whitespace().collect::<Vec<_>>().join(" ")
}
