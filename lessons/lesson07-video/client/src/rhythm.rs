//! When the next picture is due.

use std::thread;
use std::time::{Duration, Instant};

/// How long to sleep before looking whether the film is over.
const NAP: Duration = Duration::from_millis(50);

/// How fast a film is captured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Rhythm {
    /// So many pictures per second: a drawing, or a file.
    PerSecond(f64),
    /// Whenever the source has one: a camera keeps its own time.
    AsTheyCome,
    /// As fast as they are encoded.
    AsFastAsPossible,
}

impl Rhythm {
    /// How long a picture may wait for the encoder before it takes the place of an older one. With
    /// no clock to be late for, none has to be captured only to be dropped; no picture takes so
    /// long to encode.
    pub fn patience_with_encoder(self) -> Duration {
        match self {
            Rhythm::PerSecond(_) | Rhythm::AsTheyCome => Duration::ZERO,
            Rhythm::AsFastAsPossible => Duration::from_millis(200),
        }
    }

    /// The same for a frame and the link: long enough for a thread that is only about to take it,
    /// and so short that over a slow link what is sent is still new.
    pub fn patience_with_sender(self) -> Duration {
        match self {
            Rhythm::PerSecond(_) | Rhythm::AsTheyCome => Duration::ZERO,
            Rhythm::AsFastAsPossible => Duration::from_millis(10),
        }
    }
}

/// Waits until the next picture is due.
#[derive(Debug)]
pub struct Ticks {
    period: Duration,
    due: Instant,
}

impl Ticks {
    /// The first picture is due now.
    pub fn new(rhythm: Rhythm) -> Ticks {
        let period = match rhythm {
            Rhythm::PerSecond(rate) => {
                Duration::try_from_secs_f64(1.0 / rate).unwrap_or(Duration::ZERO)
            }
            Rhythm::AsTheyCome | Rhythm::AsFastAsPossible => Duration::ZERO,
        };
        Ticks { period, due: Instant::now() }
    }

    /// Waits; false when the film is over before that.
    pub fn wait(&mut self, is_over: impl Fn() -> bool) -> bool {
        while !is_over() {
            let left = self.due.saturating_duration_since(Instant::now());
            if left.is_zero() {
                // Who is late does not catch up: those pictures would all be of the same moment.
                self.due = (self.due + self.period).max(Instant::now());
                return true;
            }
            thread::sleep(left.min(NAP));
        }
        false
    }
}
