//! Lesson 05, threaded server: many clients at once, of which some are silent, slow, or gone; and a
//! client that comes back.
//!
//! What is asked and answered is that of lesson 01, or of lesson 03 with `--service command`.

use language::text;

use crate::messages;
use crate::port::Transport;
use crate::probe::{Lesson, Probe};
use crate::probes::{self, crowds, promises, reconnect, serving};
use crate::setting::{Header, Service, Setting};

/// The probes of lesson 05.
pub(super) fn lesson() -> Lesson {
    // What the lesson is about is tried as soon as one client is known to be served at all.
    let (answers, rest) =
        probes::of_servers().into_iter().partition(|probe| probe.topic() == "answers");
    let at_once = messages::only(serving::has_second, crowds::at_once());
    Lesson {
        number: 5,
        subject: text!("many clients at once"),
        services: &[Service::Upper, Service::Reply, Service::Command],
        headers: &[Header::Struct],
        transport: Transport::Tcp,
        probes: [answers, at_once, rest, promises::of_servers(), clients()].concat(),
    }
}

fn clients() -> Vec<Probe> {
    let probes = [probes::of_clients(), reconnect::of_clients()].concat();
    // A client of an upper-case server knows how long an answer is, as long as what it has sent, and
    // what it is: so it may end over another one.
    let known = [
        "cuts/message-in-two",
        "cuts/byte-by-byte",
        "cuts/character",
        "sizes/answer-of-3000-bytes",
    ];
    let anyway = |probe: Probe| match known.contains(&probe.id) {
        true => probe.when(knows_the_end),
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
