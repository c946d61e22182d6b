//! Where pictures come from: a test pattern, a camera, or a film in a file.

mod camera;
mod file;
mod pattern;
mod writer;

use std::convert::Infallible;
use std::path::PathBuf;
use std::str::FromStr;

use opencv::core::{Mat, Size};

use crate::error::Error;
use crate::frame_rate::FrameRate;
use camera::Camera;

pub use file::File;
pub use pattern::Pattern;
pub use writer::write_film;

/// Pictures per second where neither a person nor a film says how many.
pub const DEFAULT_RATE: f64 = 30.0;

/// The size of the pattern's and a camera's pictures, in pixels, where nobody says another.
pub const DEFAULT_SIZE: Size = Size { width: 1280, height: 720 };

/// One picture after the other, up to the end of the film or the first error.
pub type Pictures = Box<dyn Iterator<Item = Result<Mat, Error>> + Send>;

/// What can be filmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// The built-in test pattern.
    Pattern,
    /// The camera of this number.
    Camera(u16),
    /// A film in a file.
    File(PathBuf),
}

/// A source that has been opened.
pub struct Opened {
    /// The pictures.
    pub pictures: Pictures,
    /// A film's own speed, unless a person wants another. A camera is never early, because it gives a
    /// picture when it has one.
    pub rate: FrameRate,
}

impl Source {
    /// Opens the source. `size` and `rate` are what the person has asked for, if anything; with
    /// `repeat` a film begins again where it ends.
    ///
    /// # Errors
    /// When there is no such film or camera.
    pub fn open(
        &self,
        size: Option<Size>,
        rate: Option<f64>,
        repeat: bool,
    ) -> Result<Opened, Error> {
        let size_or_default = size.unwrap_or(DEFAULT_SIZE);
        let rate_or_default = rate.unwrap_or(DEFAULT_RATE);
        Ok(match self {
            Source::Pattern => {
                let pattern = Pattern::new(size_or_default)?;
                let rate = FrameRate::PerSecond(rate_or_default);
                Opened { pictures: Box::new(pattern), rate }
            }
            Source::Camera(number) => {
                let camera = Camera::open(*number, size_or_default, rate_or_default)?;
                Opened { pictures: Box::new(camera), rate: FrameRate::OfSource }
            }
            Source::File(path) => {
                let file = File::open(path, size, repeat)?;
                let rate = rate.or(file.rate()).unwrap_or(DEFAULT_RATE);
                Opened { pictures: Box::new(file), rate: FrameRate::PerSecond(rate) }
            }
        })
    }
}

impl FromStr for Source {
    type Err = Infallible;

    /// Whatever is not `pattern` or `camera:N` is a file; one of that name is `./pattern`.
    fn from_str(text: &str) -> Result<Source, Infallible> {
        let camera = text.strip_prefix("camera:").and_then(|number| number.parse().ok());
        Ok(match (text, camera) {
            ("pattern", _) => Source::Pattern,
            (_, Some(number)) => Source::Camera(number),
            (file, None) => Source::File(file.into()),
        })
    }
}
