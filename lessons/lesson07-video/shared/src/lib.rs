//! What both ends of lesson 07 have.
//!
//! * [`protocol`]: the messages, which both must agree on byte for byte.
//! * [`slot`]: room for one frame, in which the newest wins. It lies between any two stages of the
//!   film, at either end.

pub mod protocol;
pub mod slot;
