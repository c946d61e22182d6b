//! JPEGs: how one is made, what one must be before it is decoded, and how it becomes a picture.
//!
//! A few hundred bytes of JPEG can announce 65,535 x 65,535 pixels, and a decoder takes memory for
//! what is announced: 12 GiB. So the size is read first, with imagesize, which decodes nothing.

use opencv::core::{Mat, StsError, Vector};
use opencv::imgcodecs::{IMREAD_COLOR, IMWRITE_JPEG_QUALITY, imdecode_to, imencode};
use opencv::prelude::{MatTraitConst, VectorToVec};

use crate::error::{Error, JpegError, one_line};

/// A picture as it travels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Jpeg {
    /// The picture's width in pixels.
    pub width: u32,
    /// The picture's height in pixels.
    pub height: u32,
    /// The JPEG itself.
    pub bytes: Vec<u8>,
}

/// Makes JPEGs of one quality.
#[derive(Debug)]
pub struct Encoder {
    options: Vector<i32>,
    /// Where OpenCV writes. Kept, so that memory is taken for the largest picture only.
    buffer: Vector<u8>,
}

impl Encoder {
    /// Encodes with a quality from 1 to 100. 40, as in the tutorial, makes a picture some thirty
    /// times smaller than its pixels, and one sees it.
    pub fn new(quality: u8) -> Encoder {
        let options = Vector::from_slice(&[IMWRITE_JPEG_QUALITY, i32::from(quality)]);
        Encoder { options, buffer: Vector::new() }
    }

    /// Encodes one picture.
    ///
    /// # Errors
    /// [`Error::Picture`] when OpenCV cannot, for example an empty picture.
    pub fn encode(&mut self, picture: &Mat) -> Result<Jpeg, Error> {
        let no_reason = || opencv::Error::new(StsError, "OpenCV does not say why");
        imencode(".jpg", picture, &mut self.buffer, &self.options)
            .and_then(|done| done.then_some(()).ok_or_else(no_reason))
            .map_err(Error::picture("encode a picture"))?;
        let side = |length| u32::try_from(length).unwrap_or_default();
        let (width, height) = (side(picture.cols()), side(picture.rows()));
        Ok(Jpeg { width, height, bytes: self.buffer.to_vec() })
    }
}

impl Jpeg {
    /// The JPEG that these bytes are, if it has at most `max_pixels` pixels. Nothing is decoded.
    ///
    /// # Errors
    /// [`JpegError::NotBaseline`] and [`JpegError::TooManyPixels`].
    pub fn check(bytes: Vec<u8>, max_pixels: u64) -> Result<Jpeg, JpegError> {
        let (width, height) = size(&bytes).ok_or(JpegError::NotBaseline)?;
        match u64::from(width) * u64::from(height) > max_pixels {
            true => Err(JpegError::TooManyPixels { width, height, limit: max_pixels }),
            false => Ok(Jpeg { width, height, bytes }),
        }
    }

    /// Decodes the picture into `image`, in the place of the one that is there.
    ///
    /// # Errors
    /// [`JpegError::Undecodable`]; then `image` is empty.
    pub fn decode(&self, image: &mut Mat) -> Result<(), JpegError> {
        // OpenCV 4.6 leaves an image as it is when it cannot read the header, and says nothing: the
        // picture before would be taken for this one. Its memory is used again all the same, by malloc.
        *image = Mat::default();
        Mat::from_slice(&self.bytes)
            .and_then(|bytes| imdecode_to(&bytes, IMREAD_COLOR, image))
            .map_err(|error| JpegError::Undecodable(one_line(&error)))?;
        // OpenCV says with an empty picture that there is none.
        match image.empty() {
            true => Err(JpegError::Undecodable("OpenCV finds no picture in it".to_owned())),
            false => Ok(()),
        }
    }
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

/// Whether one pass will decode the JPEG, and whether every reader finds the same size in it.
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
