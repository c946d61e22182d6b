//! How much may be on its way: enough to keep the path busy, and not so much that it waits there.
//!
//! Two things are easy, and both are wrong. To wait for the server's word after each frame costs a
//! round trip each time, however fast the path is. To send whatever there is fills every buffer on
//! the path, and those of kernels and proxies hold megabytes: over a slow link that is many seconds
//! of film, and each frame has to wait for all that went before.
//!
//! Between the two lies what the path itself holds: what it delivers in a second times the seconds
//! of a round trip, the bandwidth-delay product. Both can be measured from the words of the server:
//!
//! ```text
//!  client        ── 9 is sent ────────────────────────────────┐     on their way before: 7, 8
//!                   │                                         │
//!  the words of     │   7            8                        9
//!                   └───────────── round trip of 9 ───────────┘     delivery rate: the bytes of
//!                                                                   7, 8 and 9 in that time
//! ```
//!
//! The greatest of the last [`SAMPLES`] rates is what the path can deliver (a smaller one only says
//! that less was sent); the shortest round trip is what it takes when nobody waits in a buffer.
//! That is the core of BBR (Cardwell and others, "BBR: Congestion-Based Congestion Control", ACM
//! Queue 14, 2016; draft-ietf-ccwg-bbr), with frames instead of packets.
//!
//! A frame's round trip holds the time that its own bytes take, so its size is taken off the
//! product: what is left is what the path holds beside the frame that is being delivered. Whatever
//! is on its way above that waits at the narrow place, and there one frame is enough: the next one
//! is sent when that is about to have passed, and until then a newer one may come. [`HEADROOM`] is
//! how much faster the path is taken to be than it was: without it, nobody would find out that it
//! has become faster. In a path that is full the shortest round trip can no longer be seen: so when
//! it is older than [`FRESH`], the path is let run empty once, and measured anew.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// How many frames may be on their way before anything is known: one that is being delivered, and
/// one behind it, so that the path has something to do until the server's word is here.
pub const LEAST: usize = 2;

/// Over how many of the last frames the greatest delivery rate counts.
pub const SAMPLES: usize = 10;

/// How much faster than it was, and how much roomier, the path is taken to be.
pub const HEADROOM: f64 = 1.25;

/// How long the shortest round trip is believed. The same as BBR's.
pub const FRESH: Duration = Duration::from_secs(10);

/// What is on its way, and how much may be. Without a socket and without a clock.
#[derive(Debug, Default)]
pub struct Pace {
    flying: VecDeque<Flying>,
    /// How many bytes are on their way, and how many have arrived.
    in_flight: u64,
    delivered: u64,
    /// When the last word came; or when something was sent, if nothing was on its way before.
    clock: Option<Instant>,
    /// The last delivery rates, in bytes per second.
    rates: VecDeque<f64>,
    shortest: Option<RoundTrip>,
    /// The last frame's size: what the next one will be like.
    size: u64,
}

/// Whether a frame may be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Room {
    /// It may be sent at once.
    Now,
    /// It may be sent then, or after a word of the server that comes before.
    At(Instant),
    /// It may be sent after the next word of the server, perhaps.
    AfterWord,
}

/// A frame that is on its way.
#[derive(Debug)]
struct Flying {
    sequence: u64,
    size: u64,
    sent: Instant,
    /// How many bytes had arrived when the path began with what waited in front of it.
    delivered: u64,
    begun: Instant,
    /// Whether nothing else was on its way, so that it had to wait for nobody.
    alone: bool,
}

/// What is known of the path.
#[derive(Debug, Clone, Copy)]
struct Path {
    /// What it delivers, in bytes per second; above 0.
    rate: f64,
    /// What it holds beside a frame that is being delivered, in bytes.
    beside: f64,
}

#[derive(Debug, Clone, Copy)]
struct RoundTrip {
    time: Duration,
    /// The size of the frame that took so long.
    size: u64,
    measured: Instant,
}

/// A frame has arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arrived {
    /// Its size in bytes.
    pub size: u64,
    /// From when it was sent until the server's word for it.
    pub round_trip: Duration,
}

/// The server has named a frame whose turn it was not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the server says that frame {received} has arrived, {}", turn(*expected))]
pub struct OutOfTurn {
    /// The frame that the server named.
    pub received: u64,
    /// The one whose turn it was, if any is on its way.
    pub expected: Option<u64>,
}

impl Pace {
    /// Nothing sent, and nothing known.
    pub fn new() -> Pace {
        Pace::default()
    }

    /// Whether the next frame may be sent now, or when.
    pub fn room(&self, now: Instant) -> Room {
        let Some((path, clock)) = self.path().zip(self.clock) else {
            return if self.flying.len() < LEAST { Room::Now } else { Room::AfterWord };
        };
        if self.is_stale(now) && !self.flying.iter().any(|frame| frame.alone) {
            return if self.flying.is_empty() { Room::Now } else { Room::AfterWord };
        }
        if self.waiting(&path) > self.size as f64 && self.flying.len() >= LEAST {
            return Room::AfterWord;
        }
        match clock + self.time_to_pass(&path) {
            at if at > now => Room::At(at),
            _ => Room::Now,
        }
    }

    /// A frame of `size` bytes is sent now.
    pub fn sent(&mut self, now: Instant, sequence: u64, size: u64) {
        let alone = self.flying.is_empty();
        let clock = self.clock.filter(|_| !alone).unwrap_or(now);
        self.clock = Some(clock);
        let passing = self.path().map_or(Duration::ZERO, |path| self.time_to_pass(&path));
        let begun = now.checked_sub(passing).unwrap_or(now).max(clock);
        let delivered = self.delivered;
        self.flying.push_back(Flying { sequence, size, sent: now, delivered, begun, alone });
        self.in_flight += size;
        self.size = size;
    }

    /// The server's word that a frame has arrived came at `now`.
    ///
    /// # Errors
    /// When that frame was not the one whose turn it was: a connection delivers in order.
    pub fn acknowledged(&mut self, now: Instant, sequence: u64) -> Result<Arrived, OutOfTurn> {
        let expected = self.flying.front().map(|frame| frame.sequence);
        let out_of_turn = OutOfTurn { received: sequence, expected };
        if expected != Some(sequence) {
            return Err(out_of_turn);
        }
        let frame = self.flying.pop_front().ok_or(out_of_turn)?;
        self.in_flight -= frame.size;
        self.delivered += frame.size;
        self.clock = Some(now);
        let since = |then| now.saturating_duration_since(then).max(Duration::from_micros(1));
        if self.rates.len() == SAMPLES {
            self.rates.pop_front();
        }
        let delivered = (self.delivered - frame.delivered) as f64;
        self.rates.push_back(delivered / since(frame.begun).as_secs_f64());
        let time = since(frame.sent);
        let is_shorter = self.shortest.is_none_or(|shortest| time <= shortest.time);
        if is_shorter || (frame.alone && self.is_stale(now)) {
            self.shortest = Some(RoundTrip { time, size: frame.size, measured: now });
        }
        Ok(Arrived { size: frame.size, round_trip: time })
    }

    /// How many frames are on their way.
    pub fn in_flight(&self) -> usize {
        self.flying.len()
    }

    /// The path as it was measured.
    fn path(&self) -> Option<Path> {
        let shortest = self.shortest?;
        let rate = self.rates.iter().copied().fold(0.0, f64::max);
        let beside = rate * shortest.time.as_secs_f64() - shortest.size as f64;
        Some(Path { rate, beside: beside.max(0.0) })
    }

    /// How many bytes wait at the narrow place, or are passing it.
    fn waiting(&self, path: &Path) -> f64 {
        (self.in_flight as f64 - HEADROOM * path.beside).max(0.0)
    }

    /// How long these take; at most a second, because there is a word of the server before that.
    fn time_to_pass(&self, path: &Path) -> Duration {
        let seconds = self.waiting(path) / (HEADROOM * path.rate);
        Duration::from_secs_f64(seconds.min(1.0))
    }

    fn is_stale(&self, now: Instant) -> bool {
        self.shortest
            .is_some_and(|shortest| now.saturating_duration_since(shortest.measured) > FRESH)
    }
}

fn turn(expected: Option<u64>) -> String {
    match expected {
        Some(expected) => format!("but it is the turn of frame {expected}"),
        None => "but none is on its way".to_owned(),
    }
}
