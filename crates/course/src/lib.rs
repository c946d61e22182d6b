//! The course: stages that a learner writes, in the lessons' order, judged by real deliveries.
//!
//! ```text
//! stages.toml, stages/…   ─▶ Manifest      the road: what each stage asks, its starter and its solution
//!                              │
//! the learner's Folder    ─▶ Course        their Progress, and the stage that is to be done now
//!                              │
//! watch ─▶ check ─▶ Toolchain, trial       builds their program, and has the judge try it
//!                              │
//!                              ▼
//!                            page          what they read; road: the picture of it all
//! ```

language::catalogue!();

pub mod call;
pub mod check;
pub mod commands;
pub mod course;
pub mod difference;
pub mod folder;
pub mod manifest;
pub mod options;
pub mod page;
mod print;
pub mod program;
pub mod progress;
pub mod road;
pub mod sources;
pub mod toolchain;
pub mod trial;
pub mod watch;
