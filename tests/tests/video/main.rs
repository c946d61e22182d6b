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
fn what_the_two_ends_say_to_each_other_and_the_slot_are_the_same_files_at_both_ends() {
    let lesson = e2e::root().join("lessons/lesson07-video");
    for name in ["protocol.rs", "slot.rs"] {
        let read =
            |end: &str| std::fs::read_to_string(lesson.join(end).join("src").join(name)).unwrap();
        assert_eq!(read("server"), read("client"), "{name}");
    }
}
