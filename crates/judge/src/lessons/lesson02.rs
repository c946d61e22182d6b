//! Lesson 02, sticky packets: a remote command without lengths. What a program cannot know here is
//! asked of it all the same: that it fails there is the lesson.

use language::text;

use crate::client::Client;
use crate::failure::Outcome;
use crate::port::Transport;
use crate::probe::{Lesson, Probe, client, server};
use crate::probes::{answers, crowds, cuts, ends, lines, nonsense, sizes, text};
use crate::setting::{Header, Service};

/// The probes of lesson 02.
pub(super) fn lesson() -> Lesson {
    let servers = [
        answers::of_servers(),
        text::of_servers(),
        sizes::of_servers(),
        what_a_server_cannot_know(),
        ends::of_servers(),
        crowds::in_turn(),
        nonsense::of_servers(),
    ];
    let clients = [
        lines::of_clients(),
        answers::of_clients(),
        text::of_clients(),
        what_a_client_cannot_know(),
        ends::of_clients(),
    ];
    Lesson {
        number: 2,
        subject: text!("a remote command, without lengths"),
        services: &[Service::Command],
        headers: &[Header::None],
        transport: Transport::Tcp,
        probes: [servers.concat(), clients.concat()].concat(),
    }
}

fn what_a_server_cannot_know() -> Vec<Probe> {
    vec![
        server("cuts/message-in-two", "A command that arrives in two pieces is run as one.", |s| {
            cuts::bare_command_in_two(s)
        }),
        server("joins/two-requests", "Two commands that arrive together are run as two.", |s| {
            cuts::bare_commands_joined(s)
        }),
    ]
}

/// An id, a requirement, and how it is tried.
type Shown = (&'static str, &'static str, fn(&Client) -> Outcome);

fn what_a_client_cannot_know() -> Vec<Probe> {
    let is_character = |probe: &Probe| probe.id == "cuts/character";
    let character = cuts::of_clients().into_iter().filter(is_character).map(|it| it.when(|_| true));
    let shown: [Shown; 3] = [
        ("cuts/message-in-two", "An answer in two pieces is shown whole.", cuts::answer_in_two),
        (
            "sizes/answer-of-3000-bytes",
            "An answer of 3,000 bytes is shown whole.",
            sizes::shows_long,
        ),
        ("sizes/left-over", "After a long answer the next command gets its own.", sizes::left_over),
    ];
    shown
        .map(|(id, requirement, run)| client(id, requirement, run))
        .into_iter()
        .chain(character)
        .collect()
}
