//! What `wire` promises, seen from outside.
#![expect(clippy::unwrap_used, reason = "clippy's exception for tests leaves out their helpers")]

mod digest;
mod frames;
mod json;
mod messages;
mod peers;
mod text;
