//! The window, from the server's side: a child process that is given frames, and answers each.
//!
//! ```text
//! server                             child
//! a frame, as it came   ── stdin ──▶ decodes it, shows it
//!                       ◀─ stdout ── a line: ready, shown, broken …, closed
//! ```
//!
//! The child is this same program with a hidden option; `child.rs` is what it does. One frame at a
//! time is on its way, so nothing piles up in the pipe, and the slot before it drops what is too
//! much. When the server ends, however it ends, the child's standard input ends, and with it the
//! child.

pub mod child;

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, bounded};
use endpoint::Stop;

use crate::Error;
use crate::picture::{Limits, Picture};
use child::{CLOSED, READY, SHOWN, UNDECODABLE};
use lesson07_shared::protocol::FrameHeader;

/// The hidden option that makes this program the child.
pub const OPTION: &str = "--window-child";

/// How long a window may take to open: the first start of a desktop's libraries is slow.
const OPENING: Duration = Duration::from_secs(15);
/// How long it may take over a frame.
const PATIENCE: Duration = Duration::from_secs(3);
/// How long the child may take to leave.
const LEAVING: Duration = Duration::from_secs(1);
/// How long a line of the child may be, in bytes.
const LONGEST_LINE: u64 = 4096;

/// A window in a process of its own.
#[derive(Debug)]
pub struct Window {
    child: Child,
    /// To the thread that writes to the child. Dropped when the window is to close.
    frames: Option<Sender<Arc<Picture>>>,
    /// What the child has said.
    words: Receiver<String>,
}

/// Why a frame is not to be seen.
#[derive(Debug)]
pub enum Trouble {
    /// It is the frame's fault.
    Picture(Error),
    /// It is the window's, and there will be no other frame in it.
    Window(String),
}

impl Window {
    /// Opens a window.
    ///
    /// # Errors
    /// In words: why there is none.
    pub fn open(limits: Limits, stop: &Stop) -> Result<Window, String> {
        let program = std::env::current_exe()
            .map_err(|error| format!("this program does not find itself ({error})"))?;
        let mut command = Command::new(program);
        command.args([OPTION, &limits.bytes.to_string()]);
        // The desktop's libraries write to it whatever they miss; why there is no window is said in
        // one line here.
        command.stderr(Stdio::null());
        Window::start(command, stop)
    }

    fn start(mut command: Command, stop: &Stop) -> Result<Window, String> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().map_err(|error| format!("no process for it ({error})"))?;
        let (frames, to_write) = bounded(1);
        let (said, words) = bounded(1);
        if let (Some(stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) {
            let stop = stop.clone();
            thread::spawn(move || write_frames(stdin, &to_write));
            thread::spawn(move || listen(stdout, &said, &stop));
        }
        // Whatever happens from here on, the child is ended when this is dropped.
        let window = Window { child, frames: Some(frames), words };
        match window.words.recv_timeout(OPENING) {
            Ok(word) if word == READY => Ok(window),
            _ => Err(no_display()),
        }
    }

    /// Shows a frame, and waits until it is to be seen.
    ///
    /// # Errors
    /// [`Trouble`].
    pub fn show(&mut self, picture: &Arc<Picture>) -> Result<(), Trouble> {
        let gone = |_| Trouble::Window("its process has ended".to_owned());
        let Some(frames) = &self.frames else { return Err(gone(())) };
        let deadline = Instant::now() + PATIENCE;
        frames.send_deadline(picture.clone(), deadline).map_err(|_| gone(()))?;
        match self.words.recv_deadline(deadline) {
            Ok(word) if word == SHOWN => Ok(()),
            Ok(word) => match word.strip_prefix(UNDECODABLE) {
                Some(reason) => Err(Trouble::Picture(Error::Undecodable {
                    sequence: picture.sequence,
                    reason: reason.trim().to_owned(),
                })),
                None => Err(Trouble::Window(format!("its process said {word:?}"))),
            },
            Err(error) if error.is_timeout() => {
                Err(Trouble::Window(format!("nothing came of a frame for {PATIENCE:?}")))
            }
            Err(_) => Err(gone(())),
        }
    }
}

impl Drop for Window {
    /// Ends the child: by the end of its input if it listens, and by force if not.
    fn drop(&mut self) {
        self.frames = None;
        let deadline = Instant::now() + LEAVING;
        while matches!(self.child.try_wait(), Ok(None)) {
            if Instant::now() >= deadline {
                // It may have gone just now.
                _ = self.child.kill();
                break;
            }
            thread::sleep(Duration::from_millis(10));
        }
        // A child that nobody waits for stays in the process table.
        _ = self.child.wait();
    }
}

/// Passes frames on to the child until there are no more, or no child.
fn write_frames(mut stdin: ChildStdin, frames: &Receiver<Arc<Picture>>) {
    for picture in frames {
        let (width, height) = picture.size;
        let header = FrameHeader {
            sequence: picture.sequence,
            captured: picture.captured.unwrap_or(0),
            width,
            height,
            size: picture.jpeg.len() as u64,
        };
        // Who waits for the child's word about the frame will hear that there is no child.
        if wire::write_message(&mut stdin, &header, &picture.jpeg).is_err() {
            return;
        }
    }
}

/// Passes the child's words on, until it has no more.
fn listen(stdout: ChildStdout, words: &Sender<String>, stop: &Stop) {
    let mut stdout = BufReader::new(stdout);
    let mut line = String::new();
    while matches!(stdout.by_ref().take(LONGEST_LINE).read_line(&mut line), Ok(1..)) {
        if line.trim_end() == CLOSED {
            // One word may lie there already, about a frame that was under way.
            return stop.request();
        }
        // Nobody may be waiting for it any more: then it is late.
        _ = words.try_send(line.trim_end().to_owned());
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
