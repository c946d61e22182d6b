//! The faults of streams: one file a fault, how each is asked for, and the link that has them.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails with the line that could not do its part"
)]

mod changes;
mod corrupt;
mod journey;
mod latency;
mod limit_and_reset;
mod link;
mod merge;
mod none;
mod rate;
mod room;
mod slice;
mod spec;
mod stall;
