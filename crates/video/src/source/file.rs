//! A film in a file.

use std::io;
use std::path::{Path, PathBuf};

use opencv::core::{Mat, MatTraitConst, Size};
use opencv::imgproc::{self, INTER_AREA};
use opencv::prelude::{VideoCaptureTrait, VideoCaptureTraitConst};
use opencv::videoio::{CAP_ANY, CAP_PROP_FPS, VideoCapture};

use crate::error::Error;

/// The pictures of a film, from its first to its last, or again and again.
#[derive(Debug)]
pub struct File {
    path: PathBuf,
    film: VideoCapture,
    first: Option<Mat>,
    size: Option<Size>,
    repeat: bool,
}

impl File {
    /// Opens the film, and looks whether there is a picture in it. With `size` the pictures are
    /// scaled, and with `repeat` the film begins again where it ends.
    ///
    /// # Errors
    /// [`Error::Read`] and [`Error::NoFilm`].
    pub fn open(path: &Path, size: Option<Size>, repeat: bool) -> Result<File, Error> {
        let unreadable = |source| Error::Read { path: path.to_owned(), source };
        // The file is looked at first, because OpenCV also takes a name for an address in a network,
        // and does not say why it cannot open one.
        if !std::fs::metadata(path).map_err(unreadable)?.is_file() {
            return Err(unreadable(io::Error::other("it is not a file")));
        }
        std::fs::File::open(path).map_err(unreadable)?;
        let film = open(path)?;
        let mut file = File { path: path.to_owned(), film, first: None, size, repeat };
        file.first = file.read()?;
        match file.first {
            Some(_) => Ok(file),
            None => Err(Error::NoFilm(file.path)),
        }
    }

    /// The pictures per second that the film was made for, if it says so.
    pub fn rate(&self) -> Option<f64> {
        self.film.get(CAP_PROP_FPS).ok().filter(|rate| (1.0..=1000.0).contains(rate))
    }

    /// The next picture, or `None` at the end of the film: there OpenCV gives an empty picture.
    fn read(&mut self) -> Result<Option<Mat>, Error> {
        let mut picture = Mat::default();
        match self.film.read(&mut picture) {
            Ok(true) if !picture.empty() => self.scaled(picture).map(Some),
            Ok(_) => Ok(None),
            Err(error) => Err(Error::picture("read the next picture of the film")(error)),
        }
    }

    fn scaled(&self, picture: Mat) -> Result<Mat, Error> {
        let Some(size) = self.size else { return Ok(picture) };
        let failed = Error::picture("scale a picture of the film");
        if picture.size().map_err(&failed)? == size {
            return Ok(picture);
        }
        let mut scaled = Mat::default();
        imgproc::resize(&picture, &mut scaled, size, 0.0, 0.0, INTER_AREA).map_err(failed)?;
        Ok(scaled)
    }
}

impl Iterator for File {
    type Item = Result<Mat, Error>;

    fn next(&mut self) -> Option<Result<Mat, Error>> {
        if let Some(first) = self.first.take() {
            return Some(Ok(first));
        }
        match self.read() {
            Ok(None) if self.repeat => {
                // Opened anew: not every format can be wound back.
                self.film = match open(&self.path) {
                    Ok(film) => film,
                    Err(error) => return Some(Err(error)),
                };
                self.read().transpose()
            }
            read => read.transpose(),
        }
    }
}

fn open(path: &Path) -> Result<VideoCapture, Error> {
    match VideoCapture::from_file(path, CAP_ANY) {
        Ok(film) if film.is_opened().unwrap_or(false) => Ok(film),
        _ => Err(Error::NoFilm(path.to_owned())),
    }
}
