//! The faults of datagrams: one file a fault, how each is asked for, and the link that has them.
#![expect(clippy::unwrap_used, reason = "a test fails with the line that could not do its part")]

mod delay;
mod duplicate;
mod fates;
mod link;
mod loss;
mod reorder;
mod spec;
