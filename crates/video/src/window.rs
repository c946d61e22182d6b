//! The window, from the program's side: a child process that is given JPEGs, and answers each.
//!
//! ```text
//! program                            child
//! a frame with a JPEG   ── stdin ──▶ decodes the picture, shows it
//!                       ◀─ stdout ── a line: ready, shown, undecodable …, closed
//! ```
//!
//! A window needs a display, and OpenCV ends the whole process where there is none; hence the process
//! of its own. The child is this same program with an option of its own; `child.rs` is what it does.
//! One picture at a time is on its way, so nothing piles up in the pipe. When the program ends,
//! however it ends, the child's standard input ends, and with it the child.

pub(crate) mod child;

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, bounded};

use crate::error::{JpegError, WindowError};
use crate::jpeg::Jpeg;
use child::{CLOSED, READY, SHOWN, UNDECODABLE};

/// How long a window may take to open: the first start of a desktop's libraries is slow.
const OPEN_TIMEOUT: Duration = Duration::from_secs(15);
/// How long the child may take to show a picture.
const SHOW_TIMEOUT: Duration = Duration::from_secs(3);
/// How long the child may take to exit.
const EXIT_TIMEOUT: Duration = Duration::from_secs(1);
/// How often the program looks whether the child has exited.
const EXIT_POLL_INTERVAL: Duration = Duration::from_millis(10);
/// How long a line of the child may be, in bytes.
const MAX_LINE: u64 = 4096;

/// A window in a process of its own.
#[derive(Debug)]
pub struct Window {
    child: Child,
    /// To the thread that writes to the child. Dropped when the window is to close.
    pictures: Option<Sender<Arc<Jpeg>>>,
    /// The lines of the child.
    answers: Receiver<String>,
}

impl Window {
    /// Opens a window: runs this program again with the arguments `args`, upon which it has to call
    /// [`run_window`](crate::run_window). `on_close` is called when a person closes the window.
    ///
    /// # Errors
    /// Why there is no window.
    pub fn open(
        args: &[&str],
        on_close: impl FnOnce() + Send + 'static,
    ) -> Result<Window, WindowError> {
        let program = std::env::current_exe().map_err(WindowError::NoProgram)?;
        let mut command = Command::new(program);
        // The desktop's libraries write to standard error whatever they miss; why there is no window
        // is said in one line here.
        command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().map_err(WindowError::NoProcess)?;
        let (pictures, to_write) = bounded(1);
        let (answered, answers) = bounded(1);
        if let (Some(stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) {
            thread::spawn(move || write_pictures(stdin, &to_write));
            thread::spawn(move || read_answers(stdout, &answered, on_close));
        }
        // Whatever happens from here on, the child is ended when this is dropped.
        let window = Window { child, pictures: Some(pictures), answers };
        match window.answers.recv_timeout(OPEN_TIMEOUT) {
            Ok(answer) if answer == READY => Ok(window),
            _ => Err(WindowError::NoDisplay(no_display())),
        }
    }

    /// Shows a picture, and waits until a person can see it.
    ///
    /// # Errors
    /// [`WindowError::Picture`] if the picture is at fault; otherwise the window has failed, and will
    /// show no other one.
    pub fn show(&mut self, picture: &Arc<Jpeg>) -> Result<(), WindowError> {
        let Some(pictures) = &self.pictures else { return Err(WindowError::Ended) };
        let deadline = Instant::now() + SHOW_TIMEOUT;
        pictures.send_deadline(picture.clone(), deadline).map_err(|_| WindowError::Ended)?;
        match self.answers.recv_deadline(deadline) {
            Ok(answer) if answer == SHOWN => Ok(()),
            Ok(answer) => Err(match answer.strip_prefix(UNDECODABLE) {
                Some(why) => WindowError::Picture(JpegError::Undecodable(why.trim().to_owned())),
                None => WindowError::Unexpected(answer),
            }),
            Err(error) if error.is_timeout() => Err(WindowError::Silent(SHOW_TIMEOUT)),
            Err(_) => Err(WindowError::Ended),
        }
    }
}

impl Drop for Window {
    /// Ends the child: by the end of its input if it listens, and by force if not.
    fn drop(&mut self) {
        self.pictures = None;
        let deadline = Instant::now() + EXIT_TIMEOUT;
        while matches!(self.child.try_wait(), Ok(None)) {
            if Instant::now() >= deadline {
                // The child may have exited just now.
                _ = self.child.kill();
                break;
            }
            thread::sleep(EXIT_POLL_INTERVAL);
        }
        // A child that nobody waits for stays in the process table.
        _ = self.child.wait();
    }
}

/// Passes pictures on to the child until there are no more, or no child.
fn write_pictures(mut stdin: ChildStdin, pictures: &Receiver<Arc<Jpeg>>) {
    for picture in pictures {
        // `show`, which waits for the answer, learns that there is no child.
        if wire::write_frame(&mut stdin, &picture.bytes).is_err() {
            return;
        }
    }
}

/// Passes the child's answers on, until there are no more, or the window has been closed.
fn read_answers(stdout: ChildStdout, answers: &Sender<String>, on_close: impl FnOnce()) {
    let mut stdout = BufReader::new(stdout);
    let mut line = String::new();
    while matches!(stdout.by_ref().take(MAX_LINE).read_line(&mut line), Ok(1..)) {
        if line.trim_end() == CLOSED {
            // An answer about a picture that was under way may lie in the channel already.
            return on_close();
        }
        // An answer for which nobody waits any more has come too late.
        _ = answers.try_send(line.trim_end().to_owned());
        line.clear();
    }
}

fn no_display() -> String {
    let display = ["WAYLAND_DISPLAY", "DISPLAY"].iter().find_map(|name| {
        let value = std::env::var(name).ok().filter(|value| !value.is_empty())?;
        Some(format!("{name}={value} could not be opened"))
    });
    display.unwrap_or_else(|| "there is no display (DISPLAY is not set)".to_owned())
}
