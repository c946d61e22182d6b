//! The course: stages that a learner writes, in the lessons' order, judged by real deliveries.
//!
//! ```text
//! stages.toml, stages/…  ─▶ Manifest     the road: what each stage asks, its starter and its solution
//!                             │
//! the learner's folder   ─▶ Trial        builds the learner's program, and has the judge try it
//! ```

pub mod manifest;
pub mod toolchain;
pub mod trial;
