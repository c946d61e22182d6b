//! # Lesson 07: video, the client
//!
//! The client films and the server shows. Frames come from a camera when they come, and a link
//! takes them when it can; where the two differ, something has to give. Here it is the frame that
//! nobody has taken yet, once there is a newer one: what is sent is always what is to be seen now.
//!
//! ```text
//!   thread 1: capture        thread 2: encode         thread 3: send       ┌─▶ server
//!   camera ──▶ [ room for one ] ──▶ JPEG ──▶ [ room for one ] ──▶ frames ──┘      │
//!               newest wins                   newest wins    ▲ may one be sent?   │
//!                                                     thread 4: hear ◀─ received ─┘
//!
//! terminal 1:  cargo run -p lesson07-server
//! terminal 2:  cargo run -p lesson07-client
//! ```
//!
//! Read this file, then the slot (`slot.rs` in `shared/`) and the threads before it (`film.rs`). How
//! many frames may be on their way is the other half of the answer, because what the buffers of the
//! path hold no newer frame can overtake: it is in `pace.rs`. `--dialect tutorial` is in
//! `tutorial.rs`, one thread for all, and one frame at a time. Camera, film, pattern and JPEG are in
//! `crates/video`; when the connection is lost, `program/session.rs` makes another one.

pub mod error;
pub mod film;
pub mod pace;
pub mod tutorial;

use std::io::{Read, Write};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, never, select, unbounded};
use endpoint::Stop;
use lesson07_shared::protocol::{Acknowledgement, HEADER_LIMIT};
use lesson07_shared::slot::SlotReceiver;
use trace::Observer;

pub use error::Error;
pub use film::{EncodedFrame, Film, StageCounters, film};
use pace::{Delivery, Pace, SendPermit};

/// How often the thread that sends, when it waits, looks whether it is to end.
const POLL_INTERVAL: Duration = Duration::from_millis(100);

/// The state of a film's sending, over all of its connections.
pub struct SendState<'a> {
    /// The film is over when so many frames have arrived.
    pub limit: u64,
    /// The request to stop.
    pub stop: &'a Stop,
    /// What has become of the frames that were sent.
    pub sent: Sent,
    /// Is told of each frame that has arrived.
    pub tell: &'a mut dyn FnMut(Sent, Delivery),
}

/// What has become of the frames that were sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sent {
    /// Frames of which the server has said that they have arrived.
    pub arrived: u64,
    /// Frames that are on their way now.
    pub in_flight: u64,
    /// Frames that were on their way when a connection was lost. Some may have arrived.
    pub lost: u64,
}

impl SendState<'_> {
    /// A frame has arrived, and so many are on their way now.
    pub fn arrived(&mut self, delivery: Delivery, in_flight: usize) {
        self.sent.arrived += 1;
        self.sent.in_flight = in_flight as u64;
        (self.tell)(self.sent, delivery);
    }

    /// A connection has ended. What was on its way is on its way no more.
    pub fn disconnected(&mut self) {
        self.sent.lost += std::mem::take(&mut self.sent.in_flight);
    }
}

/// Sends frames over one connection until the film ends, or until enough have arrived, and waits for
/// the acknowledgement of each. `hearing` and `sending` are the same connection, each with its
/// observer.
///
/// The thread that hears ends when the server does, or when an acknowledgement has not come in time.
///
/// # Errors
/// When the connection breaks, the server is silent, or says what makes no sense.
pub fn send_frames<R: Read + Send + 'static>(
    hearing: (R, impl Observer + Send + 'static),
    (stream, observer): (&mut impl Write, &mut impl Observer),
    frames: &SlotReceiver<EncodedFrame>,
    state: &mut SendState<'_>,
) -> Result<(), Error> {
    let (out, to_hear) = unbounded();
    let (heard, acknowledgements) = unbounded();
    film::start("hear", move || {
        hear(hearing, &to_hear, &heard);
        Ok(())
    })?;
    let (nothing, mut pace, mut at_end) = (never(), Pace::new(), false);
    loop {
        state.sent.in_flight = pace.in_flight() as u64;
        at_end |= state.sent.arrived + state.sent.in_flight >= state.limit;
        if (at_end && pace.in_flight() == 0) || state.stop.is_abandoned() {
            return Ok(());
        }
        // The slot is opened at the last moment: until then a newer frame may come into it.
        let now = Instant::now();
        let (slot, wait) = match pace.permit(now) {
            SendPermit::Now if !at_end => (frames.channel(), POLL_INTERVAL),
            SendPermit::At(at) if !at_end => {
                (&nothing, at.saturating_duration_since(now).min(POLL_INTERVAL))
            }
            _ => (&nothing, POLL_INTERVAL),
        };
        select! {
            recv(acknowledgements) -> heard => {
                let (now, sequence) = heard.unwrap_or(Err(Error::StagePanicked))?;
                let delivery = pace.acknowledged(now, sequence)?;
                state.arrived(delivery, pace.in_flight());
            }
            recv(slot) -> frame => match frame {
                Ok(EncodedFrame { header, jpeg }) => {
                    pace.sent(Instant::now(), header.sequence, header.size);
                    // If the thread that hears has ended, it has said why.
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

/// When an acknowledgement came, and for which frame.
type Heard = (Instant, u64);

/// Hears the acknowledgement of each frame that goes out, in a thread of its own: so it is known
/// when one came, also while the next frame is being sent. There is only something to wait for
/// while a frame is on its way; a camera may pause.
fn hear<R: Read>(
    (mut stream, mut observer): (R, impl Observer),
    out: &Receiver<()>,
    heard: &Sender<Result<Heard, Error>>,
) {
    for () in out {
        let one = hear_one(&mut stream);
        observer.received(&[]);
        let is_last = one.is_err();
        if heard.send(one).is_err() || is_last {
            return;
        }
    }
}

fn hear_one(stream: &mut impl Read) -> Result<Heard, Error> {
    let said: Acknowledgement = wire::read_header(stream, HEADER_LIMIT)?.ok_or(Error::Ended)?;
    match said.size {
        0 => Ok((Instant::now(), said.received)),
        more => Err(Error::MoreFollows { more }),
    }
}
