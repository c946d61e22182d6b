//! Lesson 01, basic TCP: a message comes back in upper case.
//!
//! Nothing on the wire says where a message ends. So two that meet may be answered in one piece or
//! in two: what is asked for is always the sum of the bytes, never where they are cut.

use language::text;

use crate::port::Transport;
use crate::probe::Lesson;
use crate::probes;
use crate::setting::{Header, Service};

/// The probes of lesson 01.
pub(super) fn lesson() -> Lesson {
    Lesson {
        number: 1,
        subject: text!("a message comes back in upper case"),
        services: &[Service::Upper, Service::Reply, Service::Greet],
        headers: &[Header::None],
        transport: Transport::Tcp,
        probes: [probes::of_servers(), probes::of_clients()].concat(),
    }
}
