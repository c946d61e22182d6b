//! A relay of datagrams: whose an answer is, how flows end, and what is no reason to end the relay.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails with the line that could not do its part"
)]

mod flows;
mod proxy;
mod strangers;
