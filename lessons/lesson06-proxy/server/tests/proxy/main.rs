//! What a client and its upstream see of the proxy in between: nothing. With both engines, because
//! nobody should be able to tell them apart.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails with the line that could not do its part"
)]

#[path = "../engine/mod.rs"]
mod engine;
mod engines;
mod sockets;
mod threads;
