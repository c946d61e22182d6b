//! The program around the client: what a person types and reads, and what is tried again.

mod bars;
mod completion;
mod failure;
pub(crate) mod options;
pub(crate) mod prompt;
mod session;
mod show;
pub(crate) mod tasks;
mod uploads;
