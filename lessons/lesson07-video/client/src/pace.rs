//! How much may be on its way: enough to keep the path busy, and not so much that it waits there.
//!
//! Two things are easy, and both are wrong. To wait for the acknowledgement of each frame costs a
//! round trip each time, however fast the path is. To send whatever there is fills every buffer on
//! the path, and those of kernels and proxies hold megabytes: over a slow link that is many seconds
//! of film, and each frame has to wait for all that went before.
//!
//! Between the two lies what the path itself holds: what it delivers in a second times the seconds
//! of a round trip, the bandwidth-delay product. Both can be measured from the acknowledgements:
//!
//! ```text
//!  client        ── 9 is sent ────────────────────────────────┐     on their way before: 7, 8
//!                   │                                         │
//!  acknowledged     │   7            8                        9
//!                   └───────────── round trip of 9 ───────────┘     delivery rate: the bytes of
//!                                                                   7, 8 and 9 in that time
//! ```
//!
//! The greatest of the last [`RATE_SAMPLES`] rates is what the path can deliver (a smaller one only
//! says that less was sent); the shortest round trip is what it takes when nobody waits in a buffer.
//! That is the core of BBR (Cardwell and others, "BBR: Congestion-Based Congestion Control", ACM
//! Queue 14, 2016; draft-ietf-ccwg-bbr), with frames instead of packets.
//!
//! A frame's round trip holds the time that its own bytes take, so its size is taken off the
//! product: what is left is what the path holds beside the frame that is being delivered. Whatever
//! is on its way above that waits at the bottleneck, and there one frame is enough: the next one
//! is sent when that is about to have passed, and until then a newer one may come. [`HEADROOM`] is
//! how much faster the path is taken to be than it was: without it, nobody would find out that it
//! has become faster. In a path that is full the shortest round trip can no longer be seen: so when
//! it is older than [`ROUND_TRIP_LIFETIME`], the path is let run empty once, and measured anew.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// How many frames may be on their way before anything is known: one that is being delivered, and
/// one behind it, so that the path has something to do until the acknowledgement is here.
pub const INITIAL_WINDOW: usize = 2;

/// The number of the last delivery rates of which the greatest counts.
pub const RATE_SAMPLES: usize = 10;

/// How much faster than it was, and how much roomier, the path is taken to be: a factor.
pub const HEADROOM: f64 = 1.25;

/// How long the shortest round trip is believed. BBR's has the same lifetime.
pub const ROUND_TRIP_LIFETIME: Duration = Duration::from_secs(10);

/// The frames that are on their way, and how many may be. Without a socket and without a clock.
#[derive(Debug, Default)]
pub struct Pace {
    /// The frames that are on their way, the oldest first.
    frames: VecDeque<FrameInFlight>,
    /// How many bytes are on their way.
    bytes: u64,
    /// How many bytes have arrived.
    delivered: u64,
    /// When the last acknowledgement came; or when something was sent, if nothing was on its way
    /// before.
    last_event: Option<Instant>,
    /// The last delivery rates, in bytes per second.
    rates: VecDeque<f64>,
    shortest: Option<RoundTrip>,
    /// The last frame's size in bytes: what the next one will be like.
    last_size: u64,
}

/// Whether the next frame may be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SendPermit {
    /// The frame may be sent at once.
    Now,
    /// The frame may be sent then, or after an acknowledgement that comes before.
    At(Instant),
    /// The frame may be sent after the next acknowledgement, perhaps.
    AfterAcknowledgement,
}

/// A frame that is on its way.
#[derive(Debug)]
struct FrameInFlight {
    sequence: u64,
    size: u64,
    sent: Instant,
    /// When the path began with what waited in front of this frame.
    begun: Instant,
    /// How many bytes had arrived by then.
    delivered: u64,
    /// Whether nothing else was on its way, so that this frame had to wait for none.
    alone: bool,
}

/// What is known of the path.
#[derive(Debug, Clone, Copy)]
struct Path {
    /// What the path delivers, in bytes per second; above 0.
    rate: f64,
    /// What the path holds beside a frame that is being delivered, in bytes.
    beside: f64,
}

#[derive(Debug, Clone, Copy)]
struct RoundTrip {
    time: Duration,
    /// The size of the frame that took this time, in bytes.
    size: u64,
    measured: Instant,
}

/// A frame that has arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delivery {
    /// The frame's size in bytes.
    pub size: u64,
    /// From when the frame was sent until its acknowledgement.
    pub round_trip: Duration,
}

/// The server has named a frame whose turn it was not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the server says that frame {received} has arrived, {}", turn(*expected))]
pub struct OutOfTurn {
    /// The frame that the server named.
    pub received: u64,
    /// The frame whose turn it was, if any is on its way.
    pub expected: Option<u64>,
}

impl Pace {
    /// The state before anything is sent, when nothing is known of the path.
    pub fn new() -> Pace {
        Pace::default()
    }

    /// Whether the next frame may be sent at `now`, or when.
    pub fn permit(&self, now: Instant) -> SendPermit {
        let Some((path, last_event)) = self.path().zip(self.last_event) else {
            return if self.frames.len() < INITIAL_WINDOW {
                SendPermit::Now
            } else {
                SendPermit::AfterAcknowledgement
            };
        };
        if self.is_stale(now) && !self.frames.iter().any(|frame| frame.alone) {
            return if self.frames.is_empty() {
                SendPermit::Now
            } else {
                SendPermit::AfterAcknowledgement
            };
        }
        if self.waiting(&path) > self.last_size as f64 && self.frames.len() >= INITIAL_WINDOW {
            return SendPermit::AfterAcknowledgement;
        }
        match last_event + self.time_to_pass(&path) {
            at if at > now => SendPermit::At(at),
            _ => SendPermit::Now,
        }
    }

    /// A frame of `size` bytes is sent at `now`.
    pub fn sent(&mut self, now: Instant, sequence: u64, size: u64) {
        let alone = self.frames.is_empty();
        let last_event = self.last_event.filter(|_| !alone).unwrap_or(now);
        self.last_event = Some(last_event);
        let passing = self.path().map_or(Duration::ZERO, |path| self.time_to_pass(&path));
        let begun = now.checked_sub(passing).unwrap_or(now).max(last_event);
        let delivered = self.delivered;
        self.frames.push_back(FrameInFlight { sequence, size, sent: now, delivered, begun, alone });
        self.bytes += size;
        self.last_size = size;
    }

    /// The acknowledgement of a frame came at `now`.
    ///
    /// # Errors
    /// When that frame was not the one whose turn it was: a connection delivers in order.
    pub fn acknowledged(&mut self, now: Instant, sequence: u64) -> Result<Delivery, OutOfTurn> {
        let expected = self.frames.front().map(|frame| frame.sequence);
        let out_of_turn = OutOfTurn { received: sequence, expected };
        if expected != Some(sequence) {
            return Err(out_of_turn);
        }
        let frame = self.frames.pop_front().ok_or(out_of_turn)?;
        self.bytes -= frame.size;
        self.delivered += frame.size;
        self.last_event = Some(now);
        let since = |then| now.saturating_duration_since(then).max(Duration::from_micros(1));
        if self.rates.len() == RATE_SAMPLES {
            self.rates.pop_front();
        }
        let delivered = (self.delivered - frame.delivered) as f64;
        self.rates.push_back(delivered / since(frame.begun).as_secs_f64());
        let time = since(frame.sent);
        let is_shorter = self.shortest.is_none_or(|shortest| time <= shortest.time);
        if is_shorter || (frame.alone && self.is_stale(now)) {
            self.shortest = Some(RoundTrip { time, size: frame.size, measured: now });
        }
        Ok(Delivery { size: frame.size, round_trip: time })
    }

    /// How many frames are on their way.
    pub fn in_flight(&self) -> usize {
        self.frames.len()
    }

    /// The path as it was measured.
    fn path(&self) -> Option<Path> {
        let shortest = self.shortest?;
        let rate = self.rates.iter().copied().fold(0.0, f64::max);
        let beside = rate * shortest.time.as_secs_f64() - shortest.size as f64;
        Some(Path { rate, beside: beside.max(0.0) })
    }

    /// How many bytes wait at the bottleneck, or are passing it.
    fn waiting(&self, path: &Path) -> f64 {
        (self.bytes as f64 - HEADROOM * path.beside).max(0.0)
    }

    /// How long the bytes that wait take to pass the bottleneck; at most a second, because an
    /// acknowledgement comes before that.
    fn time_to_pass(&self, path: &Path) -> Duration {
        let seconds = self.waiting(path) / (HEADROOM * path.rate);
        Duration::from_secs_f64(seconds.min(1.0))
    }

    fn is_stale(&self, now: Instant) -> bool {
        self.shortest.is_some_and(|shortest| {
            now.saturating_duration_since(shortest.measured) > ROUND_TRIP_LIFETIME
        })
    }
}

fn turn(expected: Option<u64>) -> String {
    match expected {
        Some(expected) => format!("but it is the turn of frame {expected}"),
        None => "but none is on its way".to_owned(),
    }
}
