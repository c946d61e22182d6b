//! From a picture to a JPEG, and nothing else that OpenCV is needed for here.

use opencv::core::{Mat, StsError, Vector};
use opencv::imgcodecs::{IMWRITE_JPEG_QUALITY, imencode};
use opencv::prelude::{MatTraitConst, VectorToVec};

use crate::Error;

/// A picture as it travels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Jpeg {
    /// Its width in pixels.
    pub width: u32,
    /// Its height in pixels.
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
    /// When OpenCV cannot, for example an empty picture.
    pub fn encode(&mut self, picture: &Mat) -> Result<Jpeg, Error> {
        imencode(".jpg", picture, &mut self.buffer, &self.options)
            .and_then(|done| done.then_some(()).ok_or_else(|| no_reason(StsError)))
            .map_err(Error::picture("encode a picture"))?;
        let side = |length| u32::try_from(length).unwrap_or_default();
        let (width, height) = (side(picture.cols()), side(picture.rows()));
        Ok(Jpeg { width, height, bytes: self.buffer.to_vec() })
    }
}

fn no_reason(code: i32) -> opencv::Error {
    opencv::Error::new(code, "OpenCV does not say why")
}
