//! What became of the pictures.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;

use crate::pace::Arrived;

/// What the stages before the network count, as they go.
#[derive(Debug, Default)]
pub struct Stages {
    /// Pictures that were captured.
    pub captured: AtomicU64,
    /// Pictures for which there was a newer one before they were encoded.
    pub not_encoded: AtomicU64,
    /// Frames for which there was a newer one before they were sent.
    pub not_sent: AtomicU64,
}

/// What was sent, over all connections of a film.
#[derive(Debug)]
pub struct Report {
    /// When it began.
    begun: Instant,
    /// Frames of which the server has said that they have arrived.
    pub arrived: u64,
    /// Their bytes, without the headers.
    pub bytes: u64,
    /// Frames that were on their way when a connection was lost. Some may have arrived.
    pub lost: u64,
    /// Frames that are on their way now.
    pub in_flight: u64,
    /// From before a frame was sent until the server's word for it, in microseconds.
    round_trips: Option<Histogram<u64>>,
    last_round_trip: Duration,
}

impl Default for Report {
    fn default() -> Report {
        Report {
            begun: Instant::now(),
            arrived: 0,
            bytes: 0,
            lost: 0,
            in_flight: 0,
            // Two digits are enough to read.
            round_trips: Histogram::new(2).ok(),
            last_round_trip: Duration::ZERO,
        }
    }
}

impl Report {
    /// A frame has arrived.
    pub fn arrived(&mut self, Arrived { size, round_trip }: Arrived) {
        self.arrived += 1;
        self.bytes += size;
        self.last_round_trip = round_trip;
        if let Some(trips) = &mut self.round_trips {
            // It grows with what is recorded.
            _ = trips.record(u64::try_from(round_trip.as_micros()).unwrap_or(u64::MAX));
        }
    }

    /// A connection has ended. What was on its way is on its way no more.
    pub fn disconnected(&mut self) {
        self.lost += std::mem::take(&mut self.in_flight);
    }

    /// A line that says how it goes.
    pub fn line(&self, stages: &Stages) -> String {
        format!(
            "sent {} frames, {:.1}/s, {} KiB each; dropped {}; {} on their way, round trip {}",
            self.arrived,
            self.rate(),
            self.mean_size(),
            stages.dropped(),
            self.in_flight,
            Millis(self.last_round_trip),
        )
    }

    /// The last line: what was sent, what was not, and how long the server's words took.
    pub fn summary<'a>(&'a self, stages: &'a Stages) -> impl fmt::Display + 'a {
        Summary { report: self, stages }
    }

    fn rate(&self) -> f64 {
        self.arrived as f64 / self.begun.elapsed().as_secs_f64().max(0.001)
    }

    fn mean_size(&self) -> u64 {
        self.bytes / self.arrived.max(1) / 1024
    }

    /// How many of a hundred round trips took at most so long.
    fn round_trip(&self, of_hundred: f64) -> Millis {
        let micros = self.round_trips.as_ref().map_or(0, |t| t.value_at_percentile(of_hundred));
        Millis(Duration::from_micros(micros))
    }
}

impl Stages {
    /// How many pictures were dropped for newer ones.
    pub fn dropped(&self) -> u64 {
        self.not_encoded.load(Ordering::Relaxed) + self.not_sent.load(Ordering::Relaxed)
    }
}

struct Summary<'a> {
    report: &'a Report,
    stages: &'a Stages,
}

impl fmt::Display for Summary<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Summary { report, stages } = self;
        write!(
            f,
            "sent {} frames in {:.1} s ({:.1} frames/s, {} KiB each), dropped {} ({} before \
             encoding, {} before sending), lost {}",
            report.arrived,
            report.begun.elapsed().as_secs_f64(),
            report.rate(),
            report.mean_size(),
            stages.dropped(),
            stages.not_encoded.load(Ordering::Relaxed),
            stages.not_sent.load(Ordering::Relaxed),
            report.lost,
        )?;
        if report.arrived > 0 {
            let (median, most) = (report.round_trip(50.0), report.round_trip(99.0));
            write!(f, ", round trip {median} (99% {most})")?;
        }
        Ok(())
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
