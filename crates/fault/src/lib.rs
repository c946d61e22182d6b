//! Seeded changes to what travels, to try a program with deliveries that the network may make at
//! any time and a quiet loopback rarely does. The same seed gives the same changes.
//!
//! There are two families, each with a `Link` that applies such faults to one direction and holds
//! what is on its way:
//!
//! - **Streams**, in [`stream`]: TCP delivers the bytes in order or not at all, but says nothing of
//!   when they come, of how they are cut, or of how far they get.
//! - **Datagrams**, in [`datagram`]: each arrives whole or not at all, and may be lost, doubled,
//!   overtaken or late.
//!
//! A fault is one file, and one line in the table of its family ([`spec`]): `stream/none.rs`, which
//! changes nothing, is the template.
//!
//! Nothing here waits, touches a socket or looks at a clock: whoever moves the bytes does that.

mod budget;
mod chance;
pub mod datagram;
mod directed;
mod faults;
mod size;
mod sizes;
mod sliced_reads;
pub mod spec;
pub mod stream;
mod time;

pub use budget::{Budget, MAX_TOTAL};
pub use directed::{Directed, Direction};
pub use faults::Faults;
pub use sizes::Sizes;
pub use sliced_reads::SlicedReads;
pub use spec::SpecError;
pub use time::MAX_TIME;
