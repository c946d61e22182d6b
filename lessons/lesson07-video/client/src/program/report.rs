//! What became of the pictures.

use std::fmt;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use lesson07_client::pace::Delivery;
use lesson07_client::{Sent, StageCounters};

/// What was sent, over all connections of a film.
#[derive(Debug)]
pub(crate) struct SendReport {
    begun: Instant,
    sent: Sent,
    /// The bytes of the frames that have arrived, without the headers.
    bytes: u64,
    /// From before a frame was sent until its acknowledgement, in microseconds.
    round_trips: Option<Histogram<u64>>,
    last_round_trip: Duration,
}

impl SendReport {
    /// A report that begins now.
    pub(crate) fn new() -> SendReport {
        SendReport {
            begun: Instant::now(),
            sent: Sent::default(),
            bytes: 0,
            // Two digits are enough to read.
            round_trips: Histogram::new(2).ok(),
            last_round_trip: Duration::ZERO,
        }
    }

    /// A frame has arrived.
    pub(crate) fn record(&mut self, sent: Sent, Delivery { size, round_trip }: Delivery) {
        self.sent = sent;
        self.bytes += size;
        self.last_round_trip = round_trip;
        if let Some(trips) = &mut self.round_trips {
            // A histogram without bounds grows with what is recorded.
            _ = trips.record(u64::try_from(round_trip.as_micros()).unwrap_or(u64::MAX));
        }
    }

    /// A line that says how it goes.
    pub(crate) fn line(&self, stages: &StageCounters) -> String {
        format!(
            "sent {} frames, {:.1}/s, {} KiB each; dropped {}; {} on their way, round trip {}",
            self.sent.arrived,
            self.rate(),
            self.mean_size(),
            stages.dropped(),
            self.sent.in_flight,
            Millis(self.last_round_trip),
        )
    }

    /// The last line: what was sent, what was not, and how long the acknowledgements took.
    pub(crate) fn summary(&self, sent: Sent, stages: &StageCounters) -> String {
        let mut line = format!(
            "sent {} frames in {:.1} s ({:.1} frames/s, {} KiB each), dropped {} ({} before \
             encoding, {} before sending), lost {}",
            sent.arrived,
            self.begun.elapsed().as_secs_f64(),
            self.rate(),
            self.mean_size(),
            stages.dropped(),
            stages.not_encoded.load(Relaxed),
            stages.not_sent.load(Relaxed),
            sent.lost,
        );
        if sent.arrived > 0 {
            let (median, most) = (self.round_trip(50.0), self.round_trip(99.0));
            line += &format!(", round trip {median} (99% {most})");
        }
        line
    }

    fn rate(&self) -> f64 {
        self.sent.arrived as f64 / self.begun.elapsed().as_secs_f64().max(0.001)
    }

    fn mean_size(&self) -> u64 {
        self.bytes / self.sent.arrived.max(1) / 1024
    }

    /// The time within which so many of a hundred round trips were done.
    fn round_trip(&self, of_hundred: f64) -> Millis {
        let micros = self.round_trips.as_ref().map_or(0, |t| t.value_at_percentile(of_hundred));
        Millis(Duration::from_micros(micros))
    }
}

/// A time in milliseconds, with a digit behind the point where that says something.
struct Millis(Duration);

impl fmt::Display for Millis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = self.0.as_secs_f64() * 1000.0;
        match millis < 10.0 {
            true => write!(f, "{millis:.1} ms"),
            false => write!(f, "{millis:.0} ms"),
        }
    }
}
