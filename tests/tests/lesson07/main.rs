//! Lesson 07 as processes: frames that arrive, ends of either side, frames that are none, links that
//! are slow, and what a person sees in a browser and in the window.
//!
//! A test whose machine lacks OpenCV, Chromium or Xvfb says so, and does not run.
// Programs are stopped, suspended and looked at by signals and /proc here, of which Windows has neither.
#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails with the line that unwraps; so do its helpers"
)]

mod browser;
mod ends;
mod film;
mod frames;
mod hostile;
mod links;
mod window;
