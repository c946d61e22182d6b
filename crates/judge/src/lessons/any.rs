//! Any protocol: what is asked, what is answered and where messages end stands on the command line.

use crate::port::Transport;
use crate::probe::Lesson;
use crate::probes::{answers, crowds, cuts, ends, joins, lines, nonsense, sizes, text};
use crate::setting::{Header, Service};

/// The probes of every protocol that a [`wire::Framing`] and a service can describe.
pub(super) fn lesson(transport: Transport) -> Lesson {
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
        cuts::of_clients(),
        ends::of_clients(),
        nonsense::of_clients(),
    ];
    let probes = match transport {
        Transport::Tcp => [servers.concat(), clients.concat()].concat(),
        Transport::Udp => super::lesson04::lesson().probes,
    };
    Lesson {
        number: 0,
        subject: "any protocol, as the command line describes it",
        services: &[
            Service::Script,
            Service::Echo,
            Service::Upper,
            Service::Reply,
            Service::Command,
        ],
        headers: &[Header::None],
        transport,
        probes,
    }
}
