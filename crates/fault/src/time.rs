//! Times as a person writes them, and the longest one there is.

use std::time::{Duration, Instant};

/// The longest time that a fault takes. Whoever waits for something waits at most this long for
/// each fault.
pub const LONGEST: Duration = Duration::from_secs(3600);

/// A time of at most [`LONGEST`], such as `20ms`.
pub(crate) fn parse(text: &str) -> Option<Duration> {
    humantime::parse_duration(text).ok().filter(|time| *time <= LONGEST)
}

/// One time, or a range such as `10ms..30ms`, the shorter one first.
pub(crate) fn parse_range(text: &str) -> Option<(Duration, Duration)> {
    let (from, to) = text.split_once("..").unwrap_or((text, text));
    let (from, to) = (parse(from)?, parse(to)?);
    (from <= to).then_some((from, to))
}

/// What [`parse`] takes, without the space in `1s 500ms`, so that a shell takes it as one word.
pub(crate) fn display(time: Duration) -> String {
    humantime::format_duration(time).to_string().replace(' ', "")
}

/// What [`parse_range`] takes.
pub(crate) fn display_range(from: Duration, to: Duration) -> String {
    if from == to { display(to) } else { format!("{}..{}", display(from), display(to)) }
}

/// The ends of a range in nanoseconds, the shorter one first, none above [`LONGEST`], which is far
/// from the end of a `u64`.
pub(crate) fn nanos(from: Duration, to: Duration) -> (u64, u64) {
    let [from, to] = [from.min(to), from.max(to)]
        .map(|time| u64::try_from(time.min(LONGEST).as_nanos()).unwrap_or(u64::MAX));
    (from, to)
}

/// `by` later. No list of faults that fits in memory adds up to the end of the clock.
pub(crate) fn later(than: Instant, by: Duration) -> Instant {
    than.checked_add(by).unwrap_or(than)
}
