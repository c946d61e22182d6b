//! What ends a film.

use video::JpegError;

/// Why a film has ended before its time. It ends that client's stream, and nothing else.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The stream is not what it should be, or the connection has broken.
    #[error("{0}")]
    Wire(#[from] wire::Error),
    /// The frame's JPEG is not what it should be.
    #[error("frame {sequence} {source}{}", option_for(source))]
    Jpeg {
        /// The frame's number.
        sequence: u64,
        /// What is wrong with the JPEG.
        source: JpegError,
    },
    /// The picture has another size than its header announces.
    #[error(
        "frame {sequence} is announced with {} x {} pixels, and its JPEG has {} x {}",
        announced.0, announced.1, actual.0, actual.1
    )]
    WrongSize {
        /// The frame's number.
        sequence: u64,
        /// Width and height according to the header, in pixels.
        announced: (u32, u32),
        /// Width and height according to the JPEG itself, in pixels.
        actual: (u32, u32),
    },
    /// In the tutorial's dialect: an image is announced that is too long. Nothing of it was read.
    #[error("an image of {length} bytes is announced, above the limit of {limit} (--max-message)")]
    TooLong {
        /// The length that is announced, in bytes.
        length: u64,
        /// The greatest length that is accepted, in bytes.
        limit: u64,
    },
    /// In the tutorial's dialect: what should be a number of bytes, and not 0, is none.
    #[error(
        "\"{text}\" is no number of bytes with a comma behind it; is it the tutorial's camera, or \
         lesson07-client with --dialect tutorial?"
    )]
    NotANumber {
        /// The bytes that came instead, escaped.
        text: String,
    },
    /// In the tutorial's dialect: the client sent on without having waited for `ok`.
    #[error(
        "the client did not wait for `ok` before it sent an image; does it speak another --dialect?"
    )]
    DidNotWait,
    /// Nobody takes frames any more: showing has ended, with an error of its own or by the person.
    #[error("the frames are taken no longer")]
    ViewClosed,
    /// Frames can be shown nowhere.
    #[error("{0}")]
    View(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The thread that shows frames could not be started, or the one that counts them.
    #[error("cannot set up {what}: {source}")]
    Thread {
        /// Which thread.
        what: &'static str,
        /// The operating system's error.
        source: std::io::Error,
    },
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Error {
        Error::Wire(error.into())
    }
}

/// The option that sets the limit, if there is one.
fn option_for(error: &JpegError) -> &'static str {
    match error {
        JpegError::TooManyPixels { .. } => " (--max-pixels)",
        _ => "",
    }
}
