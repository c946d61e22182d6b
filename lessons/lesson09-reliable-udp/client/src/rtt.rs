//! The round-trip time (RTT) as measured, and the retransmission time-out (RTO) that follows from it
//! (RFC 6298).

use std::time::Duration;

/// The time-out before there is a measurement. The RFC says 1 s.
const INITIAL_RTO: Duration = Duration::from_millis(200);

/// The least that the time-out adds to the round-trip time, and so the shortest one: G in the RFC.
/// The RFC itself asks for time-outs of a second at least; it thinks of more than one's own lines.
const CLOCK_GRANULARITY: Duration = Duration::from_millis(10);

/// The longest time-out. Where a round trip takes longer, everything is sent more than once.
const MAX_RTO: Duration = Duration::from_secs(2);

/// What is known of the round-trip time.
#[derive(Debug)]
pub(crate) struct RttEstimator {
    /// SRTT in the RFC; `None` until there is a measurement.
    pub(crate) smoothed: Option<Duration>,
    /// RTTVAR in the RFC: by how much a measurement differs from the smoothed one, on average.
    variation: Duration,
    /// How long to wait for an answer.
    pub(crate) rto: Duration,
}

impl RttEstimator {
    pub(crate) fn new() -> RttEstimator {
        RttEstimator { smoothed: None, variation: Duration::ZERO, rto: INITIAL_RTO }
    }

    /// Takes a measurement, also of a packet that was sent more than once: its answer says which
    /// transmission it answers. (Where it does not, as in TCP without timestamps, nobody knows, and
    /// what is retransmitted is not measured: Karn's algorithm.)
    pub(crate) fn measured(&mut self, sample: Duration) {
        let (smoothed, variation) = match self.smoothed {
            None => (sample, sample / 2),
            Some(old) => ((old * 7 + sample) / 8, (self.variation * 3 + old.abs_diff(sample)) / 4),
        };
        (self.smoothed, self.variation) = (Some(smoothed), variation);
        self.rto = (smoothed + (variation * 4).max(CLOCK_GRANULARITY)).min(MAX_RTO);
    }

    /// Doubles the time-out. It stays doubled until the next measurement: perhaps round trips have
    /// become longer, and all that is sent before the first answer is sent in vain.
    pub(crate) fn back_off(&mut self) {
        self.rto = (self.rto * 2).min(MAX_RTO);
    }
}
