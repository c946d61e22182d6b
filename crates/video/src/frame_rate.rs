//! How fast a film is captured, and when the next picture is due.

use std::thread;
use std::time::{Duration, Instant};

/// How often a thread that waits for a picture to be due looks whether the film is over.
const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// How fast a film is captured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum FrameRate {
    /// So many pictures per second: a drawing, or a file.
    PerSecond(f64),
    /// Whenever the source has one: a camera keeps its own time.
    OfSource,
    /// As fast as pictures are encoded.
    Max,
}

impl FrameRate {
    /// How long a picture may wait for the encoder before it takes the place of an older one. With
    /// no clock to be late for, none has to be captured only to be dropped; no picture takes so
    /// long to encode.
    pub fn encoder_timeout(self) -> Duration {
        match self {
            FrameRate::PerSecond(_) | FrameRate::OfSource => Duration::ZERO,
            FrameRate::Max => Duration::from_millis(200),
        }
    }

    /// How long a frame may wait for the link: long enough for a thread that is only about to take
    /// it, and so short that over a slow link what is sent is still new.
    pub fn sender_timeout(self) -> Duration {
        match self {
            FrameRate::PerSecond(_) | FrameRate::OfSource => Duration::ZERO,
            FrameRate::Max => Duration::from_millis(10),
        }
    }
}

/// Waits until the next picture is due.
#[derive(Debug)]
pub struct FrameTimer {
    period: Duration,
    due: Instant,
}

impl FrameTimer {
    /// The first picture is due now.
    pub fn new(rate: FrameRate) -> FrameTimer {
        let period = match rate {
            FrameRate::PerSecond(rate) => {
                Duration::try_from_secs_f64(1.0 / rate).unwrap_or(Duration::ZERO)
            }
            FrameRate::OfSource | FrameRate::Max => Duration::ZERO,
        };
        FrameTimer { period, due: Instant::now() }
    }

    /// Waits for the next picture to be due; false when the film is over before that.
    pub fn wait(&mut self, is_over: impl Fn() -> bool) -> bool {
        while !is_over() {
            let left = self.due.saturating_duration_since(Instant::now());
            if left.is_zero() {
                // A film that is late does not catch up: those pictures would all be of one moment.
                self.due = (self.due + self.period).max(Instant::now());
                return true;
            }
            thread::sleep(left.min(POLL_INTERVAL));
        }
        false
    }
}
