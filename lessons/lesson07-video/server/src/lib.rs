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
//! The slot is in `slot.rs`, and there is the reason why it has room for one. What a frame must be
//! before it is decoded is in `picture.rs`, the places in which it is shown are in `view.rs`, and
//! the figures in `figures.rs`. `--dialect tutorial` runs the conversation of `tutorial.rs`.

pub mod error;
pub mod figures;
pub mod picture;
pub mod tutorial;
pub mod view;

use std::io::{self, Read, Write};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use console::{Log, ServerLog};
use endpoint::{Connection, Listener};
use trace::Observer;

pub use error::Error;
use figures::Figures;
use lesson07_shared::protocol::{Acknowledgement, FrameHeader, HEADER_LIMIT};
use lesson07_shared::slot::{Disconnected, SlotReceiver, slot};
use picture::{Limits, Picture};
use view::View;

/// The time between two frames on a screen that shows 60 of them in a second.
const REFRESH: Duration = Duration::from_micros(16_667);

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
        // At once, and not when it is shown: the client takes these words as the clock of the path,
        // and the path ends here.
        let received = Acknowledgement { received: header.sequence, size: 0 };
        wire::write_message(stream, &received, &[])?;
        observer.sent(&[]);
        take(picture)?;
    }
    Ok(())
}

/// One film: receives in this thread and shows in another, so that neither waits for the other,
/// with room for one frame between them. Returns when the last frame has been shown.
///
/// # Errors
/// Those of `conversation`; if showing has failed, for example because a frame cannot be decoded,
/// then that error, and the conversation ends with it.
pub fn film(
    view: &mut dyn View,
    figures: &Figures,
    conversation: impl FnOnce(&mut dyn FnMut(Picture) -> Result<(), Error>) -> Result<(), Error>,
) -> Result<(), Error> {
    let (sender, newest) = slot();
    thread::scope(|scope| {
        let thread = thread::Builder::new().name("show".to_owned());
        let shower = thread
            .spawn_scoped(scope, move || show(&newest, view, figures))
            .map_err(|source| Error::Setup { what: "a thread to show frames", source })?;
        let conversed = conversation(&mut |picture: Picture| {
            figures.received(&picture);
            match sender.put(Arc::new(picture), Duration::ZERO) {
                Ok(None) => Ok(()),
                Ok(Some(_)) => {
                    figures.dropped();
                    Ok(())
                }
                Err(Disconnected) => Err(Error::Gone),
            }
        });
        // The other thread shows what still lies there, and ends.
        drop(sender);
        let shown = shower.join().unwrap_or(Err(Error::Gone));
        shown.and(conversed)
    })
}

/// Shows one frame after the other, each time the newest that there is, and no more in a second than
/// a screen can: to decode what nobody can see would take the processor from who receives.
fn show(
    newest: &SlotReceiver<Arc<Picture>>,
    view: &mut dyn View,
    figures: &Figures,
) -> Result<(), Error> {
    for picture in newest.channel() {
        let next = Instant::now() + REFRESH;
        view.show(&picture)?;
        figures.shown(&picture);
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
        // The word for a frame is not to wait until the client has acknowledged the word before it.
        connection.set_nodelay();
        let outcome = match conversation(&mut connection, &log) {
            // The person has closed the window, which is as good as Ctrl-C.
            Err(Error::Gone) if listener.policy().stop.is_requested() => Ok(()),
            outcome => outcome,
        };
        log.closed(&outcome);
    }
    Ok(())
}

/// The start of what a peer sent, as text on one line.
pub(crate) fn cut(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).chars().take(40).flat_map(char::escape_debug).collect()
}
