//! Any protocol: what is asked, what is answered and where messages end stands on the command line.

use language::text;

use crate::datagrams::Datagrams;
use crate::failure::{Hint, Outcome};
use crate::port::Transport;
use crate::probe::{Lesson, Probe, server};
use crate::probes;
use crate::server::Server;
use crate::setting::{Header, Service, Setting};

/// Lesson 04's, where any word has an answer; else those that a script can answer.
fn over_udp() -> Vec<Probe> {
    let has_words: fn(&Setting) -> bool = |setting| !is_script(setting);
    let probes = super::lesson04::lesson().probes.into_iter();
    let of_words = probes.map(|probe| probe.default_condition(has_words));
    let of_scripts = [
        server("answers/script", "Each question of the script gets its answer.", |s| {
            ask_all(s, &mut s.datagrams()?)
        }),
        server(
            "crowds/script-for-two",
            "Two clients that ask in turn get their own answers.",
            |s| {
                let (mut first, mut second) = (s.datagrams()?, s.datagrams()?);
                ask_all(s, &mut first)?;
                ask_all(s, &mut second).hint_any(text!(
                    "The server hears, or answers, only the client that asked first. Send each \
                     answer to the address that came with its question."
                ))
            },
        ),
        server(
            "datagrams/script-after-junk",
            "An empty datagram, or one that is no text, ends nothing.",
            |s| {
                let mut other = s.datagrams()?;
                other.send(b"");
                other.send(b"\xff\xfe\x80");
                // Any answer will do, and so will none.
                _ = other.receive_if_any();
                ask_all(s, &mut s.datagrams()?).hint_any(text!(
                    "What a client sends may be anything, also nothing and no text: that is no \
                     reason to end. Catch the error, and go on with recvfrom."
                ))
            },
        ),
    ];
    of_words.chain(of_scripts.map(|probe| probe.when(is_script))).collect()
}

/// The command line has a script.
fn is_script(setting: &Setting) -> bool {
    setting.service == Service::Script
}

/// Each question of the script, and its answer, in order.
fn ask_all(server: &Server, datagrams: &mut Datagrams<'_>) -> Outcome {
    let speech = server.setting().speech();
    server.setting().script.iter().try_for_each(|(request, answer)| {
        let exchange = speech.of(request, answer);
        datagrams.send(&exchange.request);
        datagrams.expect(&exchange.answer)
    })
}

/// The probes of every protocol that a [`wire::Framing`] and a service can describe.
pub(super) fn lesson(transport: Transport) -> Lesson {
    let probes = match transport {
        Transport::Tcp => [probes::of_servers(), probes::of_clients()].concat(),
        Transport::Udp => over_udp(),
    };
    Lesson {
        number: 0,
        subject: text!("any protocol, as the command line describes it"),
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
