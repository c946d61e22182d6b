//! Lesson 01, basic TCP: a message comes back in upper case.
//!
//! Nothing on the wire says where a message ends. So two that meet may be answered in one piece or
//! in two: what is asked for is always the sum of the bytes, never where they are cut.

use crate::port::Transport;
use crate::probe::Lesson;
use crate::probes::{answers, crowds, cuts, ends, joins, lines, nonsense, sizes, text};
use crate::setting::{Header, Service};

/// The probes of lesson 01.
pub(super) fn lesson() -> Lesson {
    let servers = [
        answers::of_servers(),
        text::of_servers(),
        cuts::of_servers(),
        joins::of_servers(),
        sizes::of_servers(),
        ends::of_servers(),
        crowds::in_turn(),
        nonsense::of_servers(),
    ];
    let clients = [
        lines::of_clients(),
        answers::of_clients(),
        text::of_clients(),
        sizes::of_clients(),
        ends::of_clients(),
    ];
    Lesson {
        number: 1,
        subject: "a message comes back in upper case",
        services: &[Service::Upper, Service::Reply, Service::Greet],
        headers: &[Header::None],
        transport: Transport::Tcp,
        probes: [servers.concat(), clients.concat()].concat(),
    }
}
