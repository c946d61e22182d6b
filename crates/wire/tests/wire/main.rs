//! What `wire` promises, seen from outside.
#![expect(clippy::unwrap_used, reason = "clippy's exception for tests leaves out their helpers")]

mod candidates;
mod digest;
mod frames;
mod framing_text;
mod framings;
mod json;
mod messages;
mod peers;
mod text;
mod ways;
