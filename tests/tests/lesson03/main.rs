//! Lesson 03: what is its alone.
#![expect(clippy::unwrap_used, reason = "a test fails with the line that unwraps")]

mod deliveries;
mod words;
