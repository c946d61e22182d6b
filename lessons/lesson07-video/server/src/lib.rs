//! # Lesson 07: video, the server
//!
//! The client films and the server shows. Each frame is a message, a JSON header with a JPEG behind
//! it, and the question is no longer where a message ends. It is what to do when frames come faster
//! than they can be shown. A queue would make the picture older and older; here the newest frame
//! wins.
//!
//! ```text
//!              thread 1: receive              thread 2: show
//!   client ──▶ converse ──▶ [ room for one ] ──▶ a window, a browser, or nothing
//!     ▲            │          newest wins
//!     └─ received ─┘
//!
//! terminal 1:  cargo run -p lesson07-server
//! terminal 2:  cargo run -p lesson07-client
//! ```
//!
//! Read this file, then the messages and the slot, which both ends have (`protocol.rs` and `slot.rs`
//! in `shared/`; the slot says why it has room for one), and what a frame must be before it is
//! decoded (`picture.rs`). JPEG, the window and the page are in `crates/video`, the figures and the
//! choice between window and page in `program/`. `--dialect tutorial` runs the conversation of
//! `tutorial.rs`.

pub mod error;
pub mod picture;
pub mod tutorial;

use std::io::{self, Read, Write};
use std::thread;
use std::time::{Duration, Instant};

use console::{Log, ServerLog};
use endpoint::{Connection, Listener};
use lesson07_shared::protocol::{Acknowledgement, FrameHeader, HEADER_LIMIT};
use lesson07_shared::slot::{Disconnected, SlotReceiver, slot};
use trace::Observer;

pub use error::Error;
use picture::{Limits, Picture};

/// The time between two frames on a screen that shows 60 of them in a second.
const REFRESH_INTERVAL: Duration = Duration::from_micros(16_667);

/// Talks to one client until its film ends, and gives each picture to `take`.
///
/// # Errors
/// When the stream breaks or is not what it should be, when a frame is no JPEG or too large, and
/// those of `take`.
pub fn converse(
    stream: &mut (impl Read + Write),
    limits: &Limits,
    mut take: impl FnMut(Picture) -> Result<(), Error>,
    observer: &mut impl Observer,
) -> Result<(), Error> {
    while let Some(header) = wire::read_header::<FrameHeader>(stream, HEADER_LIMIT)? {
        let jpeg = wire::read_body(stream, header.size, limits.bytes)?;
        observer.received(&jpeg);
        let picture = Picture::announced(&header, jpeg, limits)?;
        // The acknowledgement goes out at once, and not when the frame is shown: the client measures
        // the path by it, and the path ends here.
        let acknowledgement = Acknowledgement { received: header.sequence, size: 0 };
        wire::write_message(stream, &acknowledgement, &[])?;
        observer.sent(&[]);
        take(picture)?;
    }
    Ok(())
}

/// Is told what becomes of each frame, by the thread that receives and by the one that shows.
pub trait FilmObserver: Sync {
    /// A frame has come.
    fn received(&self, picture: &Picture);
    /// A frame was dropped for a newer one.
    fn dropped(&self);
    /// A frame has been shown.
    fn shown(&self, picture: &Picture);
}

/// One film: receives in this thread and shows in another, so that neither waits for the other,
/// with room for one frame between them. Returns when the last frame has been shown.
///
/// # Errors
/// Those of `conversation`; if showing has failed, for example because a frame cannot be decoded,
/// then that error, and the conversation ends with it.
pub fn film(
    show: &mut (dyn FnMut(&Picture) -> Result<(), Error> + Send),
    observer: &impl FilmObserver,
    conversation: impl FnOnce(&mut dyn FnMut(Picture) -> Result<(), Error>) -> Result<(), Error>,
) -> Result<(), Error> {
    let (sender, newest) = slot();
    thread::scope(|scope| {
        let thread = thread::Builder::new().name("show".to_owned());
        let showing = thread
            .spawn_scoped(scope, move || show_all(&newest, show, observer))
            .map_err(|source| Error::Thread { what: "a thread to show frames", source })?;
        let conversed = conversation(&mut |picture: Picture| {
            observer.received(&picture);
            match sender.put(picture, Duration::ZERO) {
                Ok(None) => {}
                Ok(Some(_)) => observer.dropped(),
                Err(Disconnected) => return Err(Error::ViewClosed),
            }
            Ok(())
        });
        // The other thread shows what still lies there, and ends.
        drop(sender);
        let shown = showing.join().unwrap_or(Err(Error::ViewClosed));
        shown.and(conversed)
    })
}

/// Shows one frame after the other, each time the newest that there is, and no more in a second than
/// a screen can: to decode what nobody can see would take the processor from the thread that
/// receives.
fn show_all(
    newest: &SlotReceiver<Picture>,
    show: &mut dyn FnMut(&Picture) -> Result<(), Error>,
    observer: &impl FilmObserver,
) -> Result<(), Error> {
    for picture in newest.channel() {
        let next = Instant::now() + REFRESH_INTERVAL;
        show(&picture)?;
        observer.shown(&picture);
        thread::sleep(next.saturating_duration_since(Instant::now()));
    }
    Ok(())
}

/// Serves one client at a time with `conversation`, as the tutorial's server does: there is one
/// screen. The next client waits in the accept queue. Returns on Ctrl-C.
///
/// # Errors
/// When the listening socket itself fails. A client's trouble ends that client only.
pub fn serve(
    listener: &Listener,
    server_log: &ServerLog,
    mut conversation: impl FnMut(&mut Connection, &Log) -> Result<(), Error>,
) -> io::Result<()> {
    while let Some(mut connection) = listener.accept()? {
        let log = server_log.connected(&connection);
        // The acknowledgement of a frame is not to wait until the client's kernel has acknowledged
        // the one before it (Nagle's algorithm).
        connection.set_nodelay();
        let outcome = match conversation(&mut connection, &log) {
            // The person has closed the window, which is as good as Ctrl-C.
            Err(Error::ViewClosed) if listener.policy().stop.is_requested() => Ok(()),
            outcome => outcome,
        };
        log.closed(&outcome);
    }
    Ok(())
}
