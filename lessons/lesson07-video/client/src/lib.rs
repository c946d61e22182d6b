//! # Lesson 07: video, the client
//!
//! The client films and the server shows. Frames come from a camera when they come, and a link
//! takes them when it can; where the two differ, something has to give. Here it is the frame that
//! nobody has taken yet, once there is a newer one: what is sent is always what is to be seen now.
//!
//! ```text
//!   thread 1: capture        thread 2: encode         thread 3: send       ┌─▶ server
//!   camera ──▶ [ room for one ] ──▶ JPEG ──▶ [ room for one ] ──▶ frames ──┘      │
//!               newest wins                   newest wins    ▲ room in flight?    │
//!                                                     thread 4: hear ◀─ received ─┘
//!
//! terminal 1:  cargo run -p lesson07-server
//! terminal 2:  cargo run -p lesson07-client
//! ```
//!
//! The slot is in `slot.rs`. How many frames may be on their way is the other half of the answer,
//! because what the buffers of the path hold no newer frame can overtake: it is in `pace.rs`. What
//! is done when the connection is lost is in `session.rs`; `--dialect tutorial` is in
//! `tutorial.rs`, one thread for all, and one frame at a time.

pub mod error;
pub mod jpeg;
pub mod pace;
pub mod report;
pub mod rhythm;
pub mod session;
pub mod source;
pub mod tutorial;

use std::io::{Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crossbeam_channel::{Receiver, Sender, never, select, unbounded};
use endpoint::Stop;
use trace::Observer;

pub use error::Error;
use jpeg::Jpeg;
use lesson07_shared::protocol::{Acknowledgement, FrameHeader, HEADER_LIMIT};
use lesson07_shared::slot::{Disconnected, SlotReceiver, SlotSender, slot};
use pace::{Pace, Room};
use report::{Report, Stages};
use rhythm::{Rhythm, Ticks};
use source::Source;

/// How often a thread that waits looks whether it is to end.
const LOOK: Duration = Duration::from_millis(100);

/// A film that is being made. Its frames come out of a slot.
#[derive(Debug)]
pub struct Film {
    /// The newest frame, until the film ends.
    pub frames: SlotReceiver<Shot>,
    is_over: Arc<AtomicBool>,
    capturing: JoinHandle<Result<(), Error>>,
    encoding: JoinHandle<Result<(), Error>>,
}

/// A frame, ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shot {
    /// What is said about it.
    pub header: FrameHeader,
    /// The JPEG.
    pub jpeg: Vec<u8>,
}

/// A picture, with its number and when it was captured, in microseconds since 1970.
type Captured<P> = (u64, u64, P);

/// Begins to film: captures in one thread and encodes in another, so that a picture is captured
/// while the one before it is encoded, and the one before that is sent. Ends with its source, or on
/// a request to stop.
///
/// # Errors
/// When a thread cannot be started.
pub fn film<S: Source + 'static>(
    source: S,
    encode: impl FnMut(&S::Picture) -> Result<Jpeg, Error> + Send + 'static,
    rhythm: Rhythm,
    stages: &Arc<Stages>,
    stop: &Stop,
) -> Result<Film, Error> {
    let (to_encoder, pictures) = slot();
    let (to_sender, frames) = slot();
    let (at_capture, at_encode) = (stages.clone(), stages.clone());
    let is_over = Arc::new(AtomicBool::new(false));
    let (stop, ended) = (stop.clone(), is_over.clone());
    let ends = move || stop.is_requested() || ended.load(Relaxed);
    let capturing =
        start("capture", move || capture(source, rhythm, &to_encoder, &at_capture, ends))?;
    let patience = rhythm.patience_with_sender();
    let encoding =
        start("encode", move || encode_all(&pictures, encode, patience, &to_sender, &at_encode))?;
    Ok(Film { frames, is_over, capturing, encoding })
}

impl Film {
    /// Waits for the end of the film, which comes soon: nobody takes frames any more.
    ///
    /// # Errors
    /// Why the film has ended before its time, if it has.
    pub fn finish(self) -> Result<(), Error> {
        self.is_over.store(true, Relaxed);
        drop(self.frames);
        self.capturing.join().unwrap_or(Err(Error::Bug))?;
        self.encoding.join().unwrap_or(Err(Error::Bug))
    }
}

fn start(
    what: &'static str,
    task: impl FnOnce() -> Result<(), Error> + Send + 'static,
) -> Result<JoinHandle<Result<(), Error>>, Error> {
    let thread = thread::Builder::new().name(what.to_owned());
    thread.spawn(task).map_err(|source| Error::Thread { what, source })
}

fn capture<S: Source>(
    mut source: S,
    rhythm: Rhythm,
    slot: &SlotSender<Captured<S::Picture>>,
    stages: &Stages,
    is_over: impl Fn() -> bool,
) -> Result<(), Error> {
    let mut ticks = Ticks::new(rhythm);
    while ticks.wait(&is_over) {
        let Some(picture) = source.next()? else { break };
        let number = stages.captured.fetch_add(1, Relaxed) + 1;
        let captured = (number, microseconds_since_1970(), picture);
        match slot.put(captured, rhythm.patience_with_encoder()) {
            Ok(None) => {}
            Ok(Some(_)) => _ = stages.not_encoded.fetch_add(1, Relaxed),
            Err(Disconnected) => break,
        }
    }
    Ok(())
}

fn encode_all<P>(
    pictures: &SlotReceiver<Captured<P>>,
    mut encode: impl FnMut(&P) -> Result<Jpeg, Error>,
    patience: Duration,
    slot: &SlotSender<Shot>,
    stages: &Stages,
) -> Result<(), Error> {
    for (sequence, captured, picture) in pictures.channel() {
        let Jpeg { width, height, bytes: jpeg } = encode(&picture)?;
        let header = FrameHeader { sequence, captured, width, height, size: jpeg.len() as u64 };
        match slot.put(Shot { header, jpeg }, patience) {
            Ok(None) => {}
            Ok(Some(_)) => _ = stages.not_sent.fetch_add(1, Relaxed),
            Err(Disconnected) => break,
        }
    }
    Ok(())
}

fn microseconds_since_1970() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}

/// What holds over all connections of a film.
pub struct Course<'a> {
    /// After how many frames that have arrived it is enough.
    pub most: u64,
    /// The request to stop.
    pub stop: &'a Stop,
    /// What was sent so far.
    pub report: &'a mut Report,
    /// Is told of each frame that has arrived.
    pub tell: &'a mut dyn FnMut(&Report),
}

/// Sends frames over one connection until the film ends, or until it is enough, and waits for the
/// server's word for each. `hearing` and `sending` are the same connection, each with its observer.
///
/// The thread that hears ends when the server does, or when a word has not come in time.
///
/// # Errors
/// When the connection breaks, the server is silent, or says what makes no sense.
pub fn send_frames<R: Read + Send + 'static>(
    hearing: (R, impl Observer + Send + 'static),
    (stream, observer): (&mut impl Write, &mut impl Observer),
    frames: &SlotReceiver<Shot>,
    course: &mut Course<'_>,
) -> Result<(), Error> {
    let (out, to_hear) = unbounded();
    let (from_hearing, words) = unbounded();
    start("hear", move || {
        hear(hearing, &to_hear, &from_hearing);
        Ok(())
    })?;
    let (nothing, mut pace, mut at_end) = (never(), Pace::new(), false);
    loop {
        course.report.in_flight = pace.in_flight() as u64;
        at_end |= course.report.arrived + course.report.in_flight >= course.most;
        if (at_end && pace.in_flight() == 0) || course.stop.is_abandoned() {
            return Ok(());
        }
        // The slot is opened at the last moment: until then a newer frame may come into it.
        let now = Instant::now();
        let (slot, wait) = match pace.room(now) {
            Room::Now if !at_end => (frames.channel(), LOOK),
            Room::At(at) if !at_end => (&nothing, at.saturating_duration_since(now).min(LOOK)),
            _ => (&nothing, LOOK),
        };
        select! {
            recv(words) -> word => {
                let (now, sequence) = word.unwrap_or(Err(Error::Bug))?;
                course.report.arrived(pace.acknowledged(now, sequence)?);
                course.report.in_flight = pace.in_flight() as u64;
                (course.tell)(course.report);
            }
            recv(slot) -> frame => match frame {
                Ok(Shot { header, jpeg }) => {
                    pace.sent(Instant::now(), header.sequence, header.size);
                    // Who does not hear any more has said why.
                    _ = out.send(());
                    wire::write_message(stream, &header, &jpeg)?;
                    observer.sent(&jpeg);
                }
                Err(_) => at_end = true,
            },
            default(wait) => {}
        }
    }
}

/// When a word came, and for which frame.
type Word = (Instant, u64);

/// Hears the server's word for each frame that goes out, in a thread of its own: so it is known
/// when a word came, also while the next frame is being sent. There is only something to wait for
/// while a frame is on its way; a camera may pause.
fn hear<R: Read>(
    (mut stream, mut observer): (R, impl Observer),
    out: &Receiver<()>,
    words: &Sender<Result<Word, Error>>,
) {
    for () in out {
        let word = hear_one(&mut stream);
        observer.received(&[]);
        let is_last = word.is_err();
        if words.send(word).is_err() || is_last {
            return;
        }
    }
}

fn hear_one(stream: &mut impl Read) -> Result<Word, Error> {
    let word: Acknowledgement = wire::read_header(stream, HEADER_LIMIT)?.ok_or(Error::Ended)?;
    match word.size {
        0 => Ok((Instant::now(), word.received)),
        more => Err(Error::MoreFollows { more }),
    }
}
