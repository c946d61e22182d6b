//! A frame that has been looked at, and how it becomes a picture.
//!
//! A few hundred bytes of JPEG can announce 65,535 x 65,535 pixels, and a decoder takes memory for what
//! is announced: 12 GiB. So the size is read first, with imagesize, which decodes nothing.

use std::time::{SystemTime, UNIX_EPOCH};

use opencv::core::{Mat, MatTraitConst};
use opencv::imgcodecs::{IMREAD_COLOR, imdecode_to};

use crate::Error;
use lesson07_shared::protocol::FrameHeader;

/// How many pixels a picture may have unless `--max-pixels` says otherwise: 4096 x 4096. Decoded,
/// they take three bytes each, 48 MiB in all.
pub const MOST_PIXELS: u64 = 4096 * 4096;

/// What a frame may be at most.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// In bytes, as it comes.
    pub bytes: usize,
    /// In pixels, decoded.
    pub pixels: u64,
}

/// A JPEG that has arrived whole and within the limits. It has not been decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Its number in the film.
    pub sequence: u64,
    /// When it was captured, in microseconds since 1970 by the client's clock; the tutorial's
    /// client does not say.
    pub captured: Option<u64>,
    /// Its width and height in pixels.
    pub size: (u32, u32),
    /// The JPEG itself.
    pub jpeg: Vec<u8>,
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
        let announced = (header.width, header.height);
        let mut picture = Picture::unannounced(sequence, jpeg, limits)?;
        if picture.size != announced {
            return Err(Error::WrongSize { sequence, announced, actual: picture.size });
        }
        picture.captured = Some(header.captured);
        Ok(picture)
    }

    /// The picture of a client that sends a JPEG and nothing about it.
    ///
    /// # Errors
    /// [`Error::NotJpeg`], [`Error::TooManyPixels`].
    pub fn unannounced(sequence: u64, jpeg: Vec<u8>, limits: &Limits) -> Result<Picture, Error> {
        let (width, height) = size(&jpeg).ok_or(Error::NotJpeg { sequence })?;
        let limit = limits.pixels;
        if u64::from(width) * u64::from(height) > limit {
            return Err(Error::TooManyPixels { sequence, width, height, limit });
        }
        Ok(Picture { sequence, captured: None, size: (width, height), jpeg })
    }

    /// Decodes it into `image`, whose memory serves again when the size is the same.
    ///
    /// # Errors
    /// [`Error::Undecodable`].
    pub fn decode(&self, image: &mut Mat) -> Result<(), Error> {
        let failed = |reason| Error::Undecodable { sequence: self.sequence, reason };
        let bytes = Mat::from_slice(&self.jpeg).map_err(|error| failed(in_one_line(&error)))?;
        imdecode_to(&bytes, IMREAD_COLOR, image).map_err(|error| failed(in_one_line(&error)))?;
        // OpenCV says with an empty picture that there is none.
        match image.empty() {
            true => Err(failed("OpenCV finds no picture in it".to_owned())),
            false => Ok(()),
        }
    }
}

/// The time by this machine's clock, in microseconds since 1970.
pub fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}

/// Width and height of a whole baseline JPEG, in pixels, neither of them 0.
fn size(jpeg: &[u8]) -> Option<(u32, u32)> {
    // OpenCV makes a picture with a grey rest of one that has been cut, and decodes trailing bytes
    // not at all.
    let is_whole = jpeg.starts_with(b"\xff\xd8") && jpeg.ends_with(b"\xff\xd9");
    if !is_whole || !is_baseline(jpeg) {
        return None;
    }
    let size = imagesize::blob_size(jpeg).ok()?;
    let (width, height) = (u32::try_from(size.width).ok()?, u32::try_from(size.height).ok()?);
    (width > 0 && height > 0).then_some((width, height))
}

/// Whether one pass will decode it, and whether everyone who reads it finds the same size.
///
/// A JPEG is a row of segments, each behind a marker of two bytes (T.81, B.1.1). Decoders and
/// imagesize differ in what they do with markers that do not belong there: one skips what the other
/// reads, and so a JPEG could show them two sizes. A progressive JPEG, or one with a scan for each
/// colour, has the decoder go over the whole picture once for each scan, and a few bytes make a
/// scan. Cameras and OpenCV write none of these.
fn is_baseline(jpeg: &[u8]) -> bool {
    let mut rest = jpeg.get(2..).unwrap_or_default();
    let mut colours = None;
    loop {
        let [0xff, marker, high, low, ..] = *rest else { return false };
        let length = 2 + usize::from(u16::from_be_bytes([high, low]));
        let Some(segment) = rest.get(4..length) else { return false };
        match marker {
            // The frame header, once: precision, height, width, and the number of colours.
            0xc0 | 0xc1 if colours.is_none() => colours = segment.get(5).copied(),
            // The first scan: it begins with the number of its colours.
            0xda => return colours.is_some() && segment.first().copied() == colours,
            // Tables, the restart interval, what applications have to say, and comments.
            0xc4 | 0xdb | 0xdd | 0xe0..=0xef | 0xfe => {}
            _ => return false,
        }
        rest = rest.get(length..).unwrap_or_default();
    }
}

/// OpenCV's errors have several lines, and the file name of its source.
fn in_one_line(error: &opencv::Error) -> String {
    error.message.split_whitespace().collect::<Vec<_>>().join(" ")
}
