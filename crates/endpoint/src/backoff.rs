//! Pauses before the next try: each twice as long as the one before, and never quite the same. What
//! lesson 05 spells out, with the line that tells a person of a try that failed.

use std::fmt::{self, Display};
use std::thread;
use std::time::{Duration, Instant};

use fastrand::Rng;

use crate::Stop;

/// How often a pause looks whether a stop has been requested.
const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// The pauses before the next tries, as many as there may be tries in a row (exponential backoff).
///
/// ```
/// use std::time::Duration;
/// use endpoint::Backoff;
///
/// let pauses = Backoff::new(Duration::from_millis(100), Duration::from_secs(5), 7);
/// let pauses: Vec<u128> = pauses.map(|pause| pause.as_millis()).collect();
/// assert_eq!(pauses, [100, 200, 400, 800, 1600, 3200, 5000]);
/// ```
#[derive(Debug, Clone)]
pub struct Backoff {
    first: Duration,
    max: Duration,
    limit: u32,
    taken: u32,
    jitter: Option<Rng>,
}

/// A try that failed, and when there is another one: a line for a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retry<'a, E> {
    /// Why the last try failed.
    pub error: &'a E,
    /// What is done again: `trying`, `calling`, `connecting`.
    pub action: &'static str,
    /// The pause before the next try.
    pub pause: Duration,
    /// The number of the next try, counted from the last one that went well; the first one is 0.
    pub number: u32,
    /// How many there may be after the first.
    pub limit: u32,
}

impl Backoff {
    /// At most `limit` pauses, the first of them `first`, and none above `max`.
    pub fn new(first: Duration, max: Duration, limit: u32) -> Backoff {
        Backoff { first, max, limit, taken: 0, jitter: None }
    }

    /// Makes each pause longer by up to a quarter, at random, so that clients which a server has
    /// thrown out together do not all come back together.
    #[must_use]
    pub fn with_jitter(self, random: Rng) -> Backoff {
        Backoff { jitter: Some(random), ..self }
    }

    /// How many pauses there may be in a row.
    pub fn limit(&self) -> u32 {
        self.limit
    }

    /// How many pauses there have been since the beginning, or since the last [`Backoff::reset`].
    pub fn taken(&self) -> u32 {
        self.taken
    }

    /// Begins again with the first pause: the last try went well, or got farther.
    pub fn reset(&mut self) {
        self.taken = 0;
    }

    /// The next try after one that failed with `error`; `None` when there have been as many as
    /// there may be.
    pub fn retry<'a, E>(&mut self, error: &'a E, action: &'static str) -> Option<Retry<'a, E>> {
        let pause = self.next()?;
        Some(Retry { error, action, pause, number: self.taken, limit: self.limit })
    }
}

impl Iterator for Backoff {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        if self.taken == self.limit {
            return None;
        }
        let pause = self.first.saturating_mul(2_u32.saturating_pow(self.taken)).min(self.max);
        self.taken += 1;
        let Some(random) = &mut self.jitter else { return Some(pause) };
        let quarter = u64::try_from(pause.as_millis() / 4).unwrap_or(u64::MAX);
        Some(pause.saturating_add(Duration::from_millis(random.u64(0..=quarter))))
    }
}

impl<E> Retry<'_, E> {
    /// Sleeps until the pause is over, or until a request to stop, whichever is first.
    pub fn wait(&self, stop: &Stop) {
        let begun = Instant::now();
        while !stop.is_requested() {
            let left = self.pause.saturating_sub(begun.elapsed());
            if left.is_zero() {
                return;
            }
            thread::sleep(left.min(POLL_INTERVAL));
        }
    }
}

impl<E: Display> Display for Retry<'_, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Retry { error, action, pause, number, limit } = self;
        write!(f, "{error}; {action} again in {pause:?} ({number} of {limit})")
    }
}
