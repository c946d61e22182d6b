//! The window, in a process of its own: decodes and shows each picture that comes on standard input.

use std::io::{self, Read, Write};
use std::thread;
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};
use opencv::core::{CV_8UC3, Mat, Scalar};
use opencv::highgui;

use crate::error::{Error, JpegError};
use crate::jpeg::Jpeg;

/// Answers that the window is open.
pub(super) const READY: &str = "ready";
/// Answers that the picture is to be seen.
pub(super) const SHOWN: &str = "shown";
/// Answers that the picture cannot be decoded; the reason follows.
pub(super) const UNDECODABLE: &str = "undecodable";
/// Says that the person has closed the window.
pub(super) const CLOSED: &str = "closed";

/// The window's name, and the text in its title bar.
const TITLE: &str = "lesson07";
/// The window's size, as in the tutorial, in pixels. The person may change it.
const SIZE: (i32, i32) = (1280, 720);
/// How long to wait for a picture before the window's own events are handled.
const EVENT_INTERVAL: Duration = Duration::from_millis(15);
/// The key Esc, as OpenCV counts keys.
const ESCAPE: i32 = 27;

/// Shows JPEGs of at most `max_bytes` bytes until standard input ends, or the window is closed. The
/// caller sees to it that Ctrl-C, which reaches every process at the terminal, does not end this one:
/// it ends with the program that has started it.
///
/// # Errors
/// When OpenCV fails. Where there is no display, many of its builds end the process instead.
pub fn run(max_bytes: usize) -> Result<(), Error> {
    show_window(max_bytes).map_err(Error::picture("show the window"))
}

fn show_window(max_bytes: usize) -> opencv::Result<()> {
    let (sender, pictures) = bounded(0);
    thread::spawn(move || read_pictures(&mut io::stdin().lock(), max_bytes, &sender));
    highgui::named_window(
        TITLE,
        highgui::WINDOW_NORMAL | highgui::WINDOW_KEEPRATIO | highgui::WINDOW_GUI_NORMAL,
    )?;
    highgui::resize_window(TITLE, SIZE.0, SIZE.1)?;
    let dark = Mat::new_rows_cols_with_default(SIZE.1, SIZE.0, CV_8UC3, Scalar::all(32.0))?;
    highgui::imshow(TITLE, &dark)?;
    // OpenCV draws a window, and reads keys, only while `wait_key` runs.
    highgui::wait_key(1)?;
    // Some of OpenCV's windows cannot say whether they are to be seen, and say -1.
    let tells_visibility = visibility()? >= 1.0;
    answer(READY);
    let is_closed =
        || Ok(is_quit(highgui::wait_key(1)?) || (tells_visibility && visibility()? < 1.0));
    show_pictures(&pictures, is_closed)
}

/// `is_closed` handles the window's events, and says whether the person wants it to close.
fn show_pictures(
    pictures: &Receiver<Jpeg>,
    is_closed: impl Fn() -> opencv::Result<bool>,
) -> opencv::Result<()> {
    let mut image = Mat::default();
    loop {
        let picture = match pictures.recv_timeout(EVENT_INTERVAL) {
            Ok(picture) => Some(picture.decode(&mut image)),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => return Ok(()),
        };
        if let Some(Err(JpegError::Undecodable(reason))) = picture {
            answer(&format!("{UNDECODABLE} {reason}"));
            continue;
        }
        if picture.is_some() {
            highgui::imshow(TITLE, &image)?;
        }
        if is_closed()? {
            answer(CLOSED);
            return Ok(());
        }
        if picture.is_some() {
            answer(SHOWN);
        }
    }
}

fn answer(line: &str) {
    let mut stdout = io::stdout().lock();
    // If nobody reads it, standard input ends too.
    _ = writeln!(stdout, "{line}").and_then(|()| stdout.flush());
}

/// Whether this key closes the window. The lowest byte is the key; the others say what is held down
/// with it.
fn is_quit(key: i32) -> bool {
    key >= 0 && (key & 0xff == ESCAPE || key & 0xff == i32::from(b'q'))
}

fn visibility() -> opencv::Result<f64> {
    highgui::get_window_property(TITLE, highgui::WND_PROP_VISIBLE)
}

/// Reads pictures, until there are no more. The other process has looked at their number of pixels.
fn read_pictures(input: &mut impl Read, max_bytes: usize, pictures: &Sender<Jpeg>) {
    // Whatever else comes instead of a JPEG, the other process has gone.
    while let Ok(Some(bytes)) = wire::read_frame(input, max_bytes) {
        let Ok(picture) = Jpeg::check(bytes, u64::MAX) else { return };
        if pictures.send(picture).is_err() {
            return;
        }
    }
}
