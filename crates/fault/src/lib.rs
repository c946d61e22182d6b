//! Seeded changes to what travels, to try a program with deliveries that the network may make at
//! any time and a quiet loopback rarely does. The same seed gives the same changes.
//!
//! One fault, one file, in two families, each with a `Link` that applies such faults and holds what
//! is on its way:
//!
//! - **Streams**, in [`stream`]: TCP delivers the bytes in order or not at all, but says nothing of
//!   when they come, of how they are cut, or of how far they get. [`stream::none`] is the template:
//!   it changes nothing.
//! - **Datagrams**, in [`datagram`]: each arrives whole or not at all, and may be lost, doubled,
//!   overtaken or late.
//!
//! Nothing here waits, touches a socket or looks at a clock: that is the business of whoever moves
//! the bytes.

mod chance;
pub mod datagram;
pub mod stream;
mod time;

pub use stream::slice;
