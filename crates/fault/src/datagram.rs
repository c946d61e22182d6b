//! Faults of datagrams, and a link that has them.
//!
//! UDP guarantees neither delivery nor protection from duplicates (RFC 768), nor any order: a
//! datagram may be lost, or arrive twice, late, or after one that was sent later. `loss`,
//! `duplicate`, `reorder` and `delay` do this on purpose; a [`Link`] without faults changes nothing.

use crate::spec::{Family, TableEntry};

mod by_chance;
mod delay;
mod duplicate;
mod fault;
mod link;
mod loss;
mod reorder;

pub use fault::{Deliver, Fault};
pub use link::{CAPACITY, Link, MAX_BYTES, MAX_COPIES, MIN_BYTES};

/// One fault of datagrams as a person asks for it, such as `loss=30%`.
pub type Spec = crate::spec::Spec<dyn Fault>;

/// The same with the direction that has it, such as `down:loss=30%`.
pub type Directed = crate::directed::Directed<dyn Fault>;

/// The faults of all flows, which may change while these last.
pub type Faults = crate::faults::Faults<dyn Fault>;

impl Family for dyn Fault {
    const TABLE: &'static [TableEntry<dyn Fault>] = &[
        TableEntry::of::<loss::Loss>(),
        TableEntry::of::<duplicate::Duplicate>(),
        TableEntry::of::<reorder::Reorder>(),
        TableEntry::of::<delay::Delay>(),
    ];
}
