//! Faults of streams, and a link that has them.
//!
//! TCP delivers the bytes of a connection in order, and promises nothing about time or cuts (RFC
//! 9293): they may come late (`latency`), slowly (`rate`), in small pieces (`slice`), several
//! writes at once (`merge`), or not for a long while (`stall`). And the connection may end where
//! nobody expects it, in order (`limit`) or not (`reset`). Only `corrupt` does what TCP's checksum is
//! there to prevent, and now and then does not. `none` is the template: it changes nothing.
//!
//! A [`Link`] applies such faults to one direction of one connection.

use crate::spec::{Family, TableEntry};

mod corrupt;
mod cut_off;
mod fault;
mod latency;
mod limit;
mod link;
mod live_link;
mod merge;
mod none;
mod offset;
mod queue;
mod rate;
mod reset;
mod room;
mod slice;
mod stall;

pub use crate::directed::Direction;
pub use fault::{Deliver, Emitted, Fault, StreamEvent};
pub use link::Link;
pub use live_link::LiveLink;
pub use room::{MAX_ROOM, MIN_ROOM};

/// One fault of a stream as a person asks for it, such as `rate=1MiB`.
pub type Spec = crate::spec::Spec<dyn Fault>;

/// The same with the direction that has it, such as `down:slice=1`.
pub type Directed = crate::directed::Directed<dyn Fault>;

/// The faults of all connections, which may change while these stand.
pub type Faults = crate::faults::Faults<dyn Fault>;

impl Family for dyn Fault {
    const TABLE: &'static [TableEntry<dyn Fault>] = &[
        TableEntry::of::<none::None>(),
        TableEntry::of::<latency::Latency>(),
        TableEntry::of::<rate::Rate>(),
        TableEntry::of::<slice::Slice>(),
        TableEntry::of::<merge::Merge>(),
        TableEntry::of::<limit::Limit>(),
        TableEntry::of::<reset::Reset>(),
        TableEntry::of::<stall::Stall>(),
        TableEntry::of::<corrupt::Corrupt>(),
    ];
    const AFTER_FORMS: &'static str = ", and up: or down: in front for one direction";
}
