//! The judge is honest: it passes what is right, fails what is wrong at the requirement that is
//! meant, and names the fault.
//!
//! The judge runs in this process, and the programs that it tries are processes of their own; what is the
//! command line's stands in `command_line.rs`. `UPDATE_GOLDEN=1 cargo test -p e2e --test judge` writes the
//! reports beside the bad programs anew.
// The commands of the programs under test are written for a Unix shell.
#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails with the line that unwraps, a helper with what it could not do"
)]

mod any;
mod chinese;
mod command_line;
mod field;
mod golden;
mod harness;
mod lesson_09;
mod lessons_01_to_03;
mod lessons_04_to_06;
mod lessons_07_08;
