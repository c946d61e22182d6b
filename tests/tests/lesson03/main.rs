//! Lesson 03: what is its alone.
// Programs are stopped, suspended and looked at by signals and /proc here, of which Windows has neither.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test fails with the line that unwraps")]

mod deliveries;
mod words;
