//! The window, in a process of its own: decodes and shows each frame that comes on standard input.

use std::io::{self, Read};
use std::thread;
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};
use endpoint::Stop;
use opencv::core::{CV_8UC3, Mat, Scalar};
use opencv::highgui;

use crate::Error;
use crate::picture::{Limits, Picture};
use lesson07_shared::protocol::{FrameHeader, HEADER_LIMIT};

/// The window is open.
pub const READY: &str = "ready";
/// The frame is to be seen.
pub const SHOWN: &str = "shown";
/// The frame cannot be decoded; the reason follows.
pub const UNDECODABLE: &str = "undecodable";
/// The person has closed the window.
pub const CLOSED: &str = "closed";

/// The window's name.
const TITLE: &str = "lesson07";
/// The window's size, as in the tutorial, in pixels. The person may change it.
const SIZE: (i32, i32) = (1280, 720);
/// How long to wait for a frame until the window is looked after.
const PAUSE: Duration = Duration::from_millis(15);
/// The key Esc, as OpenCV counts keys.
const ESCAPE: i32 = 27;

/// Shows frames of at most `bytes` bytes until standard input ends, or the window is closed.
///
/// # Errors
/// When OpenCV fails. Where there is no display, many of its builds end the process instead.
pub fn run(bytes: usize) -> anyhow::Result<()> {
    // Ctrl-C reaches every process at the terminal. This one ends with the server.
    let _unheard = Stop::on_ctrl_c()?;
    let (sender, frames) = bounded(0);
    thread::spawn(move || read_frames(&mut io::stdin().lock(), bytes, &sender));
    highgui::named_window(
        TITLE,
        highgui::WINDOW_NORMAL | highgui::WINDOW_KEEPRATIO | highgui::WINDOW_GUI_NORMAL,
    )?;
    highgui::resize_window(TITLE, SIZE.0, SIZE.1)?;
    let dark = Mat::new_rows_cols_with_default(SIZE.1, SIZE.0, CV_8UC3, Scalar::all(32.0))?;
    highgui::imshow(TITLE, &dark)?;
    // A window is drawn, and hears of keys, while somebody waits for a key.
    highgui::wait_key(1)?;
    // Some of OpenCV's windows cannot say whether they are to be seen, and say -1.
    let tells = visible()? >= 1.0;
    console::say(READY);
    show_frames(&frames, || Ok(is_quit(highgui::wait_key(1)?) || (tells && visible()? < 1.0)))
}

/// `is_closed` looks after the window, and says whether the person wants it to go.
fn show_frames(
    frames: &Receiver<Picture>,
    is_closed: impl Fn() -> opencv::Result<bool>,
) -> anyhow::Result<()> {
    let mut image = Mat::default();
    loop {
        match frames.recv_timeout(PAUSE) {
            Err(RecvTimeoutError::Timeout) => {
                if is_closed()? {
                    break;
                }
            }
            Err(RecvTimeoutError::Disconnected) => return Ok(()),
            Ok(picture) => match picture.decode(&mut image) {
                Err(Error::Undecodable { reason, .. }) => {
                    console::say(format_args!("{UNDECODABLE} {reason}"));
                }
                Err(error) => return Err(error.into()),
                Ok(()) => {
                    highgui::imshow(TITLE, &image)?;
                    if is_closed()? {
                        break;
                    }
                    console::say(SHOWN);
                }
            },
        }
    }
    console::say(CLOSED);
    Ok(())
}

/// Whether this key means that the window is to go. The lowest byte is the key; the others say what
/// is held down with it.
fn is_quit(key: i32) -> bool {
    key >= 0 && (key & 0xff == ESCAPE || key & 0xff == i32::from(b'q'))
}

fn visible() -> opencv::Result<f64> {
    highgui::get_window_property(TITLE, highgui::WND_PROP_VISIBLE)
}

/// Reads frames, until there are no more. The server has checked each of them.
fn read_frames(input: &mut impl Read, bytes: usize, frames: &Sender<Picture>) {
    let limits = Limits { bytes, pixels: u64::MAX };
    let mut next = || -> Result<Option<Picture>, Error> {
        let Some(header) = wire::read_header::<FrameHeader>(input, HEADER_LIMIT)? else {
            return Ok(None);
        };
        let jpeg = wire::read_body(input, header.size, limits.bytes)?;
        Picture::announced(&header, jpeg, &limits).map(Some)
    };
    // Whatever else comes instead of a frame, the server has gone.
    while let Ok(Some(picture)) = next() {
        if frames.send(picture).is_err() {
            return;
        }
    }
}
