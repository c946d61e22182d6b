//! A camera.

use opencv::core::{Mat, MatTraitConst, Size};
use opencv::prelude::{VideoCaptureTrait, VideoCaptureTraitConst};
use opencv::videoio::{
    CAP_ANY, CAP_PROP_BUFFERSIZE, CAP_PROP_FOURCC, CAP_PROP_FPS, CAP_PROP_FRAME_HEIGHT,
    CAP_PROP_FRAME_WIDTH, VideoCapture, VideoWriter,
};

use crate::error::Error;

/// The pictures of a camera, each when there is one.
#[derive(Debug)]
pub(crate) struct Camera {
    number: u16,
    camera: VideoCapture,
}

impl Camera {
    /// Opens the camera and asks for pictures of this size, so many per second. A camera may give
    /// others: it has a table of its own, and takes what is nearest.
    ///
    /// # Errors
    /// [`Error::NoCamera`].
    pub(crate) fn open(number: u16, size: Size, rate: f64) -> Result<Camera, Error> {
        let opened = VideoCapture::new(i32::from(number), CAP_ANY);
        let Some(mut camera) = opened.ok().filter(|camera| camera.is_opened().unwrap_or(false))
        else {
            return Err(Error::NoCamera(number));
        };
        let mjpg = VideoWriter::fourcc('M', 'J', 'P', 'G').map(f64::from).unwrap_or_default();
        for (property, value) in [
            // Pictures that are not compressed do not fit through USB 2.0 at this size and rate.
            (CAP_PROP_FOURCC, mjpg),
            (CAP_PROP_FRAME_WIDTH, f64::from(size.width)),
            (CAP_PROP_FRAME_HEIGHT, f64::from(size.height)),
            (CAP_PROP_FPS, rate),
            // The driver keeps a queue of its own, in which pictures grow old.
            (CAP_PROP_BUFFERSIZE, 1.0),
        ] {
            // A camera that does not know a property films without it.
            _ = camera.set(property, value);
        }
        Ok(Camera { number, camera })
    }
}

impl Iterator for Camera {
    type Item = Result<Mat, Error>;

    /// Waits for the next picture; OpenCV itself ends a wait of ten seconds.
    fn next(&mut self) -> Option<Result<Mat, Error>> {
        let mut picture = Mat::default();
        Some(match self.camera.read(&mut picture) {
            Ok(true) if !picture.empty() => Ok(picture),
            _ => Err(Error::CameraSilent(self.number)),
        })
    }
}
