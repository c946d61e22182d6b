//! Lesson 03, struct header: a remote command whose messages begin with their length.

use crate::port::Transport;
use crate::probe::Lesson;
use crate::probes::{answers, crowds, cuts, ends, joins, lines, nonsense, printed, sizes, text};
use crate::setting::{Header, Service};

/// The probes of lesson 03.
pub(super) fn lesson() -> Lesson {
    let servers = [
        answers::of_servers(),
        text::of_servers(),
        sizes::of_servers(),
        cuts::of_servers(),
        joins::of_servers(),
        ends::of_servers(),
        crowds::in_turn(),
        nonsense::of_servers(),
        printed::of_servers(),
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
    Lesson {
        number: 3,
        subject: "a remote command, each message with its length in front",
        services: &[Service::Command, Service::Messages],
        headers: &[Header::Struct, Header::Announce, Header::Json],
        transport: Transport::Tcp,
        probes: [servers.concat(), clients.concat()].concat(),
    }
}
