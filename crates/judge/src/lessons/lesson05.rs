//! Lesson 05, threaded server: many clients at once, of which some are silent, slow, or gone; and a
//! client that comes back.
//!
//! What is asked and answered is that of lesson 01, or of lesson 03 with `--service command`.

use crate::port::Transport;
use crate::probe::{Lesson, Probe, Side};
use crate::probes::{
    answers, asked_anyway, crowds, cuts, ends, joins, lines, nonsense, reconnect, serving, sizes,
    text,
};
use crate::setting::{Header, Service, Setting};

/// The probes of lesson 05.
pub(super) fn lesson() -> Lesson {
    let at_once =
        crowds::at_once().into_iter().map(|probe| probe.default_condition(serving::has_second));
    let servers = [
        answers::of_servers(),
        at_once.collect(),
        text::of_servers(),
        cuts::of_servers(),
        joins::of_servers(),
        sizes::of_servers(),
        ends::of_servers(),
        crowds::in_turn(),
        nonsense::of_servers(),
    ];
    Lesson {
        number: 5,
        subject: "many clients at once",
        services: &[Service::Upper, Service::Reply, Service::Command],
        headers: &[Header::Struct],
        transport: Transport::Tcp,
        probes: [servers.concat(), clients()].concat(),
    }
}

fn clients() -> Vec<Probe> {
    let probes = [
        lines::of_clients(),
        answers::of_clients(),
        text::of_clients(),
        sizes::of_clients(),
        cuts::of_clients(),
        ends::of_clients(),
        nonsense::of_clients(),
        reconnect::of_clients(),
    ]
    .concat();
    // A client of an upper-case server knows how long an answer is, as long as what it has sent, and
    // what it is: so it may end over another one.
    let known = [
        "cuts/message-in-two",
        "cuts/byte-by-byte",
        "cuts/character",
        "sizes/answer-of-3000-bytes",
    ];
    let anyway = |probe: Probe| match known.contains(&probe.id) {
        true => asked_anyway(&[probe], Side::Client, probe.id, knows_the_end).unwrap_or(probe),
        false if probe.id == "text/answer-is-no-text" => probe.when(serving::is_command),
        false => probe.default_condition(knows_the_end),
    };
    // One that is to come back may try for longer than the judge waits.
    let are_asked = |probe: &Probe| probe.id != "ends/nobody-listens";
    probes.into_iter().filter(are_asked).map(anyway).collect()
}

/// A client can know where an answer ends.
fn knows_the_end(setting: &Setting) -> bool {
    setting.service != Service::Reply
}
