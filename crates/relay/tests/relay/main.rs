//! A relay between sockets of our own, over loopback: what one end sends the other end gets, and
//! what becomes of one end the other end is told.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails with the line that could not do its part"
)]

mod bytes;
mod ends;
mod faults;
mod limits;
mod pressure;
mod proxy;
mod stop;
mod upstream;
#[cfg(target_os = "linux")]
mod urgent;
