//! What can go wrong with a source, a JPEG or a window.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use opencv::core::{LogLevel, set_log_level};

/// Why there is no picture, or no next one.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no such film.
    #[error(
        "cannot read the film {}: {source}; a camera is named with its number: camera:0",
        .path.display()
    )]
    Read {
        /// The file.
        path: PathBuf,
        /// The operating system's error.
        source: io::Error,
    },
    /// The file holds no film that OpenCV can read, or one without a picture.
    #[error(
        "{} is no film of which OpenCV can read a picture; an .avi or .mp4 from a camera usually \
         is, and --source pattern needs no file",
        .0.display()
    )]
    NoFilm(PathBuf),
    /// The film cannot be written.
    #[error(
        "cannot write {}: its folder must be there, its name end in .avi, and no side be 0",
        .0.display()
    )]
    Write(PathBuf),
    /// There is no camera of this number, or another program has it.
    #[error(
        "camera {0} cannot be opened: no such camera, or another program uses it; try another \
         number, or --source pattern, which needs none"
    )]
    NoCamera(u16),
    /// The camera of this number gave pictures, and now gives none.
    #[error("camera {0} gives no pictures (any more): was it unplugged?")]
    CameraSilent(u16),
    /// OpenCV could not draw, scale or encode a picture.
    #[error("cannot {what}: {}", one_line(source))]
    Picture {
        /// What was tried.
        what: &'static str,
        /// OpenCV's error.
        source: opencv::Error,
    },
}

/// What is wrong with a JPEG. Each text continues a sentence that begins with the picture's name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JpegError {
    /// The bytes are no baseline JPEG (ITU-T T.81) from its first marker to its last.
    #[error("is no whole baseline JPEG")]
    NotBaseline,
    /// The picture would be too large once it is decoded. Nothing was decoded.
    #[error("has {width} x {height} pixels, above the limit of {limit}")]
    TooManyPixels {
        /// The width in pixels.
        width: u32,
        /// The height in pixels.
        height: u32,
        /// How many pixels a picture may have.
        limit: u64,
    },
    /// The bytes begin and end as a JPEG does, and OpenCV can make no picture of them.
    #[error("cannot be decoded: {0}")]
    Undecodable(String),
}

/// Why there is no window, or why a picture is not in it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WindowError {
    /// The path of this program is not known, so it cannot be started a second time.
    #[error("this program does not find itself ({0})")]
    NoProgram(#[source] io::Error),
    /// The window's process cannot be started.
    #[error("no process for it ({0})")]
    NoProcess(#[source] io::Error),
    /// The desktop cannot be reached.
    #[error("{0}")]
    NoDisplay(String),
    /// The window's process has ended.
    #[error("its process has ended")]
    Ended,
    /// The window's process has not answered for so long.
    #[error("nothing came of a frame for {0:?}")]
    Silent(Duration),
    /// The window's process has answered with something else than what it should.
    #[error("its process said {0:?}")]
    Unexpected(String),
    /// The picture is at fault, and the window can show others.
    #[error("{0}")]
    Picture(#[source] JpegError),
}

impl Error {
    /// For `map_err`: OpenCV could not do `what`.
    pub(crate) fn picture(what: &'static str) -> impl Fn(opencv::Error) -> Error {
        move |source| Error::Picture { what, source }
    }
}

/// Keeps OpenCV from writing to standard error: it says in several lines what an error of this crate
/// says in one.
pub fn silence_opencv() {
    // Without it there is more to read, and nothing else.
    _ = set_log_level(LogLevel::LOG_LEVEL_SILENT);
}

/// OpenCV's errors have several lines, with the file and the line of its source.
pub(crate) fn one_line(error: &opencv::Error) -> String {
    error.message.split_whitespace().collect::<Vec<_>>().join(" ")
}
