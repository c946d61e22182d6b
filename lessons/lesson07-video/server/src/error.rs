//! What ends a film.

/// Why a film has ended before its time. It ends that client's stream, and nothing else.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The stream is not what it should be, or the connection has broken.
    #[error("{0}")]
    Wire(#[from] wire::Error),
    /// The bytes of a frame are no baseline JPEG (ITU-T T.81) from its first marker to its last.
    #[error("frame {sequence} is no whole baseline JPEG")]
    NotJpeg {
        /// The frame's number.
        sequence: u64,
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
    /// The picture would be too large once it is decoded. Nothing was decoded.
    #[error(
        "frame {sequence} has {width} x {height} pixels, above the limit of {limit} (--max-pixels)"
    )]
    TooManyPixels {
        /// The frame's number.
        sequence: u64,
        /// In pixels.
        width: u32,
        /// In pixels.
        height: u32,
        /// How many pixels a picture may have.
        limit: u64,
    },
    /// It begins and ends as a JPEG does, and OpenCV can make no picture of it.
    #[error("frame {sequence} cannot be decoded: {reason}")]
    Undecodable {
        /// The frame's number.
        sequence: u64,
        /// OpenCV's word for it, in one line.
        reason: String,
    },
    /// In the tutorial's dialect: an image is announced that is too long. Nothing of it was read.
    #[error("an image of {length} bytes is announced, above the limit of {limit} (--max-message)")]
    TooLong {
        /// In bytes.
        length: u64,
        /// In bytes.
        limit: u64,
    },
    /// In the tutorial's dialect: what should be a number of bytes, and not 0, is none.
    #[error(
        "\"{text}\" is no number of bytes with a comma behind it; is it the tutorial's camera, or \
         lesson07-client with --dialect tutorial?"
    )]
    Number {
        /// What came, escaped.
        text: String,
    },
    /// In the tutorial's dialect: the client sent on without having waited for `ok`.
    #[error(
        "the client did not wait for `ok` before it sent an image; does it speak another --dialect?"
    )]
    Ahead,
    /// Nobody takes frames any more: showing has ended with an error of its own.
    #[error("the frames are taken no longer")]
    Gone,
    /// There can be no page at this address.
    #[error(
        "cannot show on http://{address}/: {source}; another program may be there, perhaps this \
         one in another terminal: take a free port with --http 0"
    )]
    Site {
        /// The address asked for.
        address: std::net::SocketAddr,
        /// The operating system's word for it.
        source: std::io::Error,
    },
    /// A part of this server could not be set up.
    #[error("cannot set up {what}: {source}")]
    Setup {
        /// Which part.
        what: &'static str,
        /// The reason.
        source: std::io::Error,
    },
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Error {
        Error::Wire(error.into())
    }
}
