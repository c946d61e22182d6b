//! Lesson 03, struct header: a remote command whose messages begin with their length.

use language::text;

use crate::port::Transport;
use crate::probe::Lesson;
use crate::probes::{self, answers, crowds, cuts, ends, joins, nonsense, printed, sizes, text};
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
    Lesson {
        number: 3,
        subject: text!("a remote command, each message with its length in front"),
        services: &[Service::Command, Service::Messages],
        headers: &[Header::Struct, Header::Announce, Header::Json],
        transport: Transport::Tcp,
        probes: [servers.concat(), probes::of_clients()].concat(),
    }
}
