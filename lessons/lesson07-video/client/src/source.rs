//! Where the pictures come from: a test pattern, a camera, or a file.

use std::convert::Infallible;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use opencv::core::{Mat, Size};

use crate::Error;

mod camera;
mod file;
mod pattern;

pub use camera::Camera;
pub use file::File;
pub use pattern::Pattern;

/// Gives one picture after the other.
pub trait Source: Send {
    /// What a picture is; a test can do without OpenCV.
    type Picture: Send;

    /// The next picture, or `None` at the end of the film.
    ///
    /// # Errors
    /// When there should be another picture, and it cannot be had.
    fn next(&mut self) -> Result<Option<Self::Picture>, Error>;
}

impl<S: Source + ?Sized> Source for Box<S> {
    type Picture = S::Picture;

    fn next(&mut self) -> Result<Option<S::Picture>, Error> {
        (**self).next()
    }
}

/// What `--source` names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Name {
    /// The built-in test pattern.
    Pattern,
    /// The camera of this number.
    Camera(u16),
    /// A film in a file.
    File(PathBuf),
}

impl FromStr for Name {
    type Err = Infallible;

    /// Whatever is not `pattern` or `camera:N` is a file; one of that name is `./pattern`.
    fn from_str(text: &str) -> Result<Name, Infallible> {
        let camera = text.strip_prefix("camera:").and_then(|number| number.parse().ok());
        Ok(match (text, camera) {
            ("pattern", _) => Name::Pattern,
            (_, Some(number)) => Name::Camera(number),
            (file, None) => Name::File(file.into()),
        })
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Name::Pattern => f.write_str("pattern"),
            Name::Camera(number) => write!(f, "camera:{number}"),
            Name::File(path) => path.display().fmt(f),
        }
    }
}

/// A source whose pictures OpenCV holds, and how fast it goes by itself.
pub struct Opened {
    /// The pictures.
    pub pictures: Box<dyn Source<Picture = Mat>>,
    /// Pictures per second: a file's own speed. `None` for a camera, which is never early, because
    /// it gives a picture when it has one.
    pub rate: Option<f64>,
}

impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opened").field("rate", &self.rate).finish_non_exhaustive()
    }
}

/// How many pictures per second there are where nothing says so.
pub const USUAL_RATE: f64 = 30.0;

/// The size of pictures, in pixels, where nothing says so.
pub const USUAL_SIZE: Size = Size { width: 1280, height: 720 };

impl Name {
    /// Opens it. `size` and `rate` are what the person has asked for.
    ///
    /// # Errors
    /// When there is no such film or camera.
    pub fn open(
        &self,
        size: Option<Size>,
        rate: Option<f64>,
        repeat: bool,
    ) -> Result<Opened, Error> {
        let rate_or_usual = rate.unwrap_or(USUAL_RATE);
        let size_or_usual = size.unwrap_or(USUAL_SIZE);
        Ok(match self {
            Name::Pattern => Opened {
                pictures: Box::new(Pattern::new(size_or_usual)?),
                rate: Some(rate_or_usual),
            },
            Name::Camera(number) => Opened {
                pictures: Box::new(Camera::open(*number, size_or_usual, rate_or_usual)?),
                rate: None,
            },
            Name::File(path) => {
                let file = File::open(path, size, repeat)?;
                Opened { rate: Some(rate.unwrap_or(file.rate())), pictures: Box::new(file) }
            }
        })
    }
}
