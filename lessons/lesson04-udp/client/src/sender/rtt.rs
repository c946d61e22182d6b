//! The round-trip time as measured, and the retransmission time-out that follows from it
//! (RFC 6298).

use std::time::Duration;

/// The time-out before there is a measurement.
const FIRST: Duration = Duration::from_millis(200);

/// The least that the time-out adds to the round-trip time, and so the shortest one: G in the RFC.
/// The RFC itself asks for time-outs of a second at least; it thinks of more than one's own lines.
const GRANULARITY: Duration = Duration::from_millis(10);

/// The longest time-out. Where a round trip takes longer, everything is sent more than once.
const LONGEST: Duration = Duration::from_secs(2);

/// What is known of the round-trip time.
#[derive(Debug)]
pub(super) struct RoundTrips {
    pub(super) smoothed: Option<Duration>,
    variation: Duration,
    pub(super) timeout: Duration,
}

impl RoundTrips {
    pub(super) fn unknown() -> RoundTrips {
        RoundTrips { smoothed: None, variation: Duration::ZERO, timeout: FIRST }
    }

    /// Takes a measurement, also of a packet that was sent more than once: its answer says which
    /// transmission it answers. (Where it does not, as in TCP without timestamps, nobody knows, and
    /// what is sent again is not measured: Karn's algorithm.)
    pub(super) fn measured(&mut self, sample: Duration) {
        let (smoothed, variation) = match self.smoothed {
            None => (sample, sample / 2),
            Some(old) => ((old * 7 + sample) / 8, (self.variation * 3 + old.abs_diff(sample)) / 4),
        };
        (self.smoothed, self.variation) = (Some(smoothed), variation);
        self.timeout = (smoothed + (variation * 4).max(GRANULARITY)).min(LONGEST);
    }

    /// Doubles the time-out. It stays doubled until the next measurement: perhaps round trips have
    /// become longer, and all that is sent before the first answer is sent in vain.
    pub(super) fn timed_out(&mut self) {
        self.timeout = (self.timeout * 2).min(LONGEST);
    }
}
