//! Lesson 07 as processes: frames that arrive, ends of either side, frames that are none, links that
//! are slow, and what a person sees in a browser and in the window.
//!
//! A test whose machine lacks OpenCV, Chromium or Xvfb says so, and does not run.
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

#[test]
fn what_the_two_ends_say_to_each_other_is_the_same_file_at_both_ends() {
    let read = |end: &str| {
        let path = e2e::root().join("lessons/lesson07-video").join(end).join("src/protocol.rs");
        std::fs::read_to_string(path).unwrap()
    };
    assert_eq!(read("server"), read("client"));
}
