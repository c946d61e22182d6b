//! A frame that has been looked at: its JPEG is whole, within the limits, and as large as announced.

use std::sync::Arc;

use lesson07_shared::protocol::FrameHeader;
use video::Jpeg;

use crate::error::Error;

/// How many pixels a picture may have unless `--max-pixels` says otherwise: 4096 x 4096. Decoded,
/// they take three bytes each, 48 MiB in all.
pub const DEFAULT_MAX_PIXELS: u64 = 4096 * 4096;

/// The largest frame that is accepted.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// The length of the JPEG, in bytes.
    pub bytes: usize,
    /// The number of pixels, for each of which decoding takes 3 bytes.
    pub pixels: u64,
}

/// A frame that has arrived whole and within the limits. Its JPEG has not been decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// The frame's number in the film.
    pub sequence: u64,
    /// When it was captured, in microseconds since 1970 by the client's clock; the tutorial's
    /// client does not say.
    pub captured: Option<u64>,
    /// The JPEG, with its size in pixels.
    pub jpeg: Arc<Jpeg>,
}

impl Picture {
    /// The picture that a header announces.
    ///
    /// # Errors
    /// Those of [`Picture::unannounced`], and [`Error::WrongSize`].
    pub fn announced(
        header: &FrameHeader,
        jpeg: Vec<u8>,
        limits: &Limits,
    ) -> Result<Picture, Error> {
        let sequence = header.sequence;
        let picture = Picture::unannounced(sequence, jpeg, limits)?;
        let announced = (header.width, header.height);
        let actual = (picture.jpeg.width, picture.jpeg.height);
        match announced == actual {
            true => Ok(Picture { captured: Some(header.captured), ..picture }),
            false => Err(Error::WrongSize { sequence, announced, actual }),
        }
    }

    /// The picture of a client that sends a JPEG and nothing about it.
    ///
    /// # Errors
    /// [`Error::Jpeg`].
    pub fn unannounced(sequence: u64, jpeg: Vec<u8>, limits: &Limits) -> Result<Picture, Error> {
        let jpeg =
            Jpeg::check(jpeg, limits.pixels).map_err(|source| Error::Jpeg { sequence, source })?;
        Ok(Picture { sequence, captured: None, jpeg: Arc::new(jpeg) })
    }
}
