//! How much may be on its way through a link: what a line with its latency would hold at its rate.
//!
//! A line of 1 MiB/s and 3 s has 3 MiB on it (its bandwidth-delay product). A link that took less at a time
//! would be slower than that line: with a fixed room of 1 MiB, `latency=1s` would be a rate of 1 MiB/s too.

use std::time::Duration;

use super::fault::Fault;

/// The room of a link that delays nothing, in bytes.
pub const MIN_ROOM: usize = 1 << 20;

/// The most room of a link, in bytes.
pub const MAX_ROOM: usize = 64 << 20;

/// What a link without a rate of its own is taken to carry, in bytes per second: a gibibyte, about what goes
/// through a proxy on one machine.
const FASTEST: u64 = 1 << 30;

/// The room of a link with these faults, in bytes.
pub(crate) fn of(faults: &[Box<dyn Fault>]) -> usize {
    let delay: Duration = faults.iter().map(|fault| fault.delay()).sum();
    let rate = faults.iter().filter_map(|fault| fault.rate()).min().unwrap_or(FASTEST);
    let held = u128::from(rate.min(FASTEST)) * delay.as_millis() / 1000;
    usize::try_from(held).unwrap_or(usize::MAX).saturating_add(MIN_ROOM).min(MAX_ROOM)
}
