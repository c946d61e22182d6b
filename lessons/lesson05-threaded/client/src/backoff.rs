//! How long to pause before the next try: each time twice as long, and never quite the same
//! (exponential backoff with jitter). Later lessons call `endpoint::Backoff` for this.

use std::time::Duration;

use fastrand::Rng;

/// The pauses before the next tries, as many as there may be tries in a row. Each is twice as long
/// as the one before, up to a limit.
///
/// ```
/// use std::time::Duration;
/// use lesson05_client::Backoff;
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

impl Backoff {
    /// At most `limit` pauses, the first of them `first`, and none above `max`.
    pub fn new(first: Duration, max: Duration, limit: u32) -> Backoff {
        Backoff { first, max, limit, taken: 0, jitter: None }
    }

    /// Makes each pause longer by up to a quarter, at random.
    ///
    /// When a server restarts, all its clients are thrown out in the same moment. With the same
    /// pauses they would all come back in the same moment too, again and again.
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

    /// Begins again with the first pause: the last try went well.
    pub fn reset(&mut self) {
        self.taken = 0;
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
