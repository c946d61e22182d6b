//! Lesson 09 as processes: files that arrive whole or not at all, whatever the network, a kill or a
//! hostile sender does.
// Programs are stopped, suspended and looked at by signals and /proc here, of which Windows has neither.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test fails with the line that unwraps")]

mod arrivals;
mod ends;
mod folders;
mod hand;
mod lies;
mod limits;
