//! A film in a file, to be sent later.

use std::path::Path;

use opencv::core::{Mat, Size};
use opencv::prelude::{VideoWriterTrait, VideoWriterTraitConst};
use opencv::videoio::VideoWriter;

use crate::error::Error;

/// Writes pictures of one size into a film of so many per second.
///
/// Each picture of the film is a JPEG of its own (MJPG in an AVI), which OpenCV can write and read
/// without any other library.
///
/// # Errors
/// [`Error::Write`] when the file cannot be made, and those of the pictures.
pub fn write_film(
    path: &Path,
    size: Size,
    rate: f64,
    pictures: impl IntoIterator<Item = Result<Mat, Error>>,
) -> Result<(), Error> {
    let failed = Error::picture("write a picture into the film");
    let film = VideoWriter::fourcc('M', 'J', 'P', 'G')
        .and_then(|format| VideoWriter::new_def(path, format, rate, size));
    let Some(mut film) = film.ok().filter(|film| film.is_opened().unwrap_or(false)) else {
        return Err(Error::Write(path.to_owned()));
    };
    for picture in pictures {
        film.write(&picture?).map_err(&failed)?;
    }
    // Only now is the film's index written.
    film.release().map_err(failed)
}
