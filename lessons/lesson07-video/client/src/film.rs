//! The stages before the network: one thread captures and one encodes, with room for one between
//! them, and room for one in front of the network.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::thread::{self, JoinHandle};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use endpoint::Stop;
use lesson07_shared::protocol::FrameHeader;
use lesson07_shared::slot::{Disconnected, SlotReceiver, SlotSender, slot};
use video::{FrameRate, FrameTimer, Jpeg};

use crate::error::Error;

/// A film that is being made. Its frames come out of a slot.
#[derive(Debug)]
pub struct Film {
    /// The newest frame, until the film ends.
    pub frames: SlotReceiver<EncodedFrame>,
    is_over: Arc<AtomicBool>,
    capturing: JoinHandle<Result<(), Error>>,
    encoding: JoinHandle<Result<(), Error>>,
}

/// A frame, ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EncodedFrame {
    /// The header that announces the frame.
    pub header: FrameHeader,
    /// The JPEG.
    pub jpeg: Vec<u8>,
}

/// What the stages before the network count.
#[derive(Debug, Default)]
pub struct StageCounters {
    /// Pictures that were captured.
    pub captured: AtomicU64,
    /// Pictures for which there was a newer one before they were encoded.
    pub not_encoded: AtomicU64,
    /// Frames for which there was a newer one before they were sent.
    pub not_sent: AtomicU64,
}

/// A picture, with its number and when it was captured, in microseconds since 1970.
type Captured<P> = (u64, u64, P);

/// Begins to film: captures in one thread and encodes in another, so that a picture is captured
/// while the one before it is encoded, and the one before that is sent. Ends with the last of the
/// pictures, or on a request to stop.
///
/// # Errors
/// When a thread cannot be started.
pub fn film<P: Send + 'static>(
    pictures: impl Iterator<Item = Result<P, Error>> + Send + 'static,
    encode: impl FnMut(&P) -> Result<Jpeg, Error> + Send + 'static,
    rate: FrameRate,
    counters: &Arc<StageCounters>,
    stop: &Stop,
) -> Result<Film, Error> {
    let (to_encoder, captured) = slot();
    let (to_network, frames) = slot();
    let (at_capture, at_encode) = (counters.clone(), counters.clone());
    let is_over = Arc::new(AtomicBool::new(false));
    let (stop, ended) = (stop.clone(), is_over.clone());
    let ends = move || stop.is_requested() || ended.load(Relaxed);
    let capturing =
        start("capture", move || capture(pictures, rate, &to_encoder, &at_capture, ends))?;
    let timeout = rate.sender_timeout();
    let encoding =
        start("encode", move || encode_all(&captured, encode, timeout, &to_network, &at_encode))?;
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
        self.capturing.join().unwrap_or(Err(Error::StagePanicked))?;
        self.encoding.join().unwrap_or(Err(Error::StagePanicked))
    }
}

impl StageCounters {
    /// How many pictures were dropped for newer ones.
    pub fn dropped(&self) -> u64 {
        self.not_encoded.load(Relaxed) + self.not_sent.load(Relaxed)
    }
}

/// Starts a thread that is named after `what` it does.
pub(crate) fn start(
    what: &'static str,
    task: impl FnOnce() -> Result<(), Error> + Send + 'static,
) -> Result<JoinHandle<Result<(), Error>>, Error> {
    let thread = thread::Builder::new().name(what.to_owned());
    thread.spawn(task).map_err(|source| Error::Thread { what, source })
}

fn capture<P>(
    mut pictures: impl Iterator<Item = Result<P, Error>>,
    rate: FrameRate,
    slot: &SlotSender<Captured<P>>,
    counters: &StageCounters,
    is_over: impl Fn() -> bool,
) -> Result<(), Error> {
    let mut timer = FrameTimer::new(rate);
    while timer.wait(&is_over) {
        let Some(picture) = pictures.next() else { break };
        let number = counters.captured.fetch_add(1, Relaxed) + 1;
        let captured = (number, microseconds_since_1970(), picture?);
        match slot.put(captured, rate.encoder_timeout()) {
            Ok(None) => {}
            Ok(Some(_)) => _ = counters.not_encoded.fetch_add(1, Relaxed),
            Err(Disconnected) => break,
        }
    }
    Ok(())
}

fn encode_all<P>(
    pictures: &SlotReceiver<Captured<P>>,
    mut encode: impl FnMut(&P) -> Result<Jpeg, Error>,
    timeout: Duration,
    slot: &SlotSender<EncodedFrame>,
    counters: &StageCounters,
) -> Result<(), Error> {
    for (sequence, captured, picture) in pictures.channel() {
        let Jpeg { width, height, bytes: jpeg } = encode(&picture)?;
        let header = FrameHeader { sequence, captured, width, height, size: jpeg.len() as u64 };
        match slot.put(EncodedFrame { header, jpeg }, timeout) {
            Ok(None) => {}
            Ok(Some(_)) => _ = counters.not_sent.fetch_add(1, Relaxed),
            Err(Disconnected) => break,
        }
    }
    Ok(())
}

fn microseconds_since_1970() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}
