//! Times as a person writes them, such as `20ms`, and ranges of them, such as `10ms..30ms`.

use std::fmt;
use std::time::{Duration, Instant};

use crate::SpecError;

/// The longest time that a person may write for a fault.
pub const MAX_TIME: Duration = Duration::from_secs(3600);

/// A time of at most [`MAX_TIME`].
pub(crate) fn parse(text: &str) -> Result<Duration, SpecError> {
    within_limit(text).ok_or_else(|| {
        let instead = format!("one of at most {}, such as 20ms or 2s", display(MAX_TIME));
        SpecError::new(text, "time", instead)
    })
}

fn within_limit(text: &str) -> Option<Duration> {
    humantime::parse_duration(text).ok().filter(|time| *time <= MAX_TIME)
}

/// What [`parse`] takes, without the space in `1s 500ms`, so that a shell takes it as one word.
pub(crate) fn display(time: Duration) -> String {
    humantime::format_duration(time).to_string().replace(' ', "")
}

/// Times from the shorter to the longer one, both included.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TimeRange {
    from: Duration,
    to: Duration,
}

impl TimeRange {
    /// One time, or a range with the shorter one first; an error says that it is no `expected`.
    pub(crate) fn parse(text: &str, expected: &'static str) -> Result<TimeRange, SpecError> {
        let (from, to) = text.split_once("..").unwrap_or((text, text));
        match (within_limit(from), within_limit(to)) {
            (Some(from), Some(to)) if from <= to => Ok(TimeRange { from, to }),
            _ => {
                let instead = format!(
                    "a time of at most {}, such as 20ms, or a range of such times, the shorter one \
                     first, such as 10ms..30ms",
                    display(MAX_TIME)
                );
                Err(SpecError::new(text, expected, instead))
            }
        }
    }

    /// Whether it is one time only.
    pub(crate) fn is_constant(self) -> bool {
        self.from == self.to
    }

    /// The longest of the times.
    pub(crate) fn longest(self) -> Duration {
        self.to
    }

    /// One of the times, each nanosecond equally likely.
    pub(crate) fn draw(self, generator: &mut fastrand::Rng) -> Duration {
        // An hour is far from the end of a u64.
        let [from, to] =
            [self.from, self.to].map(|time| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX));
        Duration::from_nanos(generator.u64(from..=to))
    }
}

/// What [`TimeRange::parse`] takes.
impl fmt::Display for TimeRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.is_constant() {
            write!(f, "{}..", display(self.from))?;
        }
        f.write_str(&display(self.to))
    }
}

/// The moment that is `by` later. No list of faults that fits in memory adds up to the end of the
/// clock.
pub(crate) fn later(than: Instant, by: Duration) -> Instant {
    than.checked_add(by).unwrap_or(than)
}
