//! Lesson 02, sticky packets: a remote command without lengths.
//!
//! Some of these requirements cannot hold without a length, in whatever language the program is
//! written. That is the lesson; what they ask for is what a person expects.

use super::commands::{self, ENDLESS, body_in_two, character_in_two, exchange_lines, notices};
use crate::failure::{Hint, Outcome};
use crate::port::Transport;
use crate::probe::{Lesson, Probe, client, server};
use crate::remote::ask;
use crate::server::Server;
use crate::setting::{Header, Service};
use crate::stream::ProbeStream;

/// The probes of lesson 02.
pub(super) fn lesson() -> Lesson {
    Lesson {
        number: 2,
        subject: "a remote command, without lengths",
        services: &[Service::Command],
        headers: &[Header::None],
        transport: Transport::Tcp,
        probes: [server_probes(), client_probes()].concat(),
    }
}

fn server_probes() -> Vec<Probe> {
    vec![
        server("2.1", "A command is answered with its output.", commands::is_answered),
        server("2.2", "One connection carries command after command.", commands::is_answered_again),
        server("2.3", "A long answer is sent whole.", commands::long_answer),
        server("2.4", "A command that prints 100 KB is answered.", commands::much_output),
        server("2.5", "A command may be in any alphabet.", commands::other_alphabets),
        server("2.6", "A command that arrives in two pieces is run as one.", command_in_two),
        server("2.7", "Two commands that arrive together are run as two.", glued),
        server("2.8", "A command without output is answered too.", no_output),
        server("2.9", "A command that cannot be run is answered.", commands::unknown_command),
        server("2.10", "A command that is no text does no harm.", commands::no_text),
        server("2.11", "After a half-close the connection ends in order.", commands::half_close),
        server(
            "2.12",
            "A client that leaves without a word does no harm.",
            commands::leaves_at_once,
        ),
        server("2.13", "After a client has left, the next one is served.", commands::leaves),
        server("2.14", "After a client's reset, the next one is served.", commands::resets),
        server("2.15", "A client that leaves in mid answer does no harm.", commands::leaves_early),
        server(
            "2.16",
            "A second client is served, at the latest after the first.",
            commands::second,
        ),
        server("2.17", "Five clients that call at once are all served.", commands::five),
        server("2.18", "A web page cannot have a command run.", commands::browser),
    ]
}

fn client_probes() -> Vec<Probe> {
    vec![
        client("2.19", "A line that is typed is sent, and its answer is shown.", |c| {
            exchange_lines(c, &[("echo hi", "hi")])
        }),
        client("2.20", "Each command gets its own answer.", |c| {
            exchange_lines(c, &[("echo one", "one"), ("echo two", "two"), ("echo 3", "3")])
        }),
        client("2.21", "A blank line does not stop the client.", commands::blank_line),
        client("2.22", "An answer of 3,000 bytes is shown whole.", commands::shows_long_answer),
        client("2.23", "After a long answer the next command gets its own.", commands::left_over),
        client("2.24", "An answer in two pieces is shown whole.", body_in_two),
        client("2.25", "A character in two pieces is shown whole.", character_in_two),
        client("2.26", "An answer that takes 300 ms is waited for.", commands::slow_answer),
        client("2.27", "An answer that is no text does not end the client.", |c| {
            commands::answer_is_no_text(c)
        }),
        client("2.28", "When the input ends, the client hangs up and ends.", commands::input_ends),
        client("2.29", "When the server hangs up, the client notices.", |c| {
            notices(c, ENDLESS, |stream, _| stream.close())
        }),
        client("2.30", "When the server resets, the client notices.", |c| {
            notices(c, ENDLESS, |stream, _| ProbeStream::reset(stream))
        }),
        client("2.31", "Where nobody listens, the client says so and ends.", |c| {
            commands::nobody_listens(c)
        }),
    ]
}

const ONE_RECV: &str = "The server takes one recv for one command. recv returns what has arrived, \
                        which may be half a command, or two. Say in front of each message how long \
                        it is: that is lesson 03.";

fn command_in_two(server: &Server) -> Outcome {
    let mut stream = server.connect()?;
    stream.send_cut(b"echo whole", server.random(1, 5));
    stream.expect(b"whole\n").hint_any(ONE_RECV)
}

fn glued(server: &Server) -> Outcome {
    let mut stream = server.connect()?;
    stream.send(b"echo oneecho two");
    stream.expect(b"one\ntwo\n").hint_any(ONE_RECV)
}

fn no_output(server: &Server) -> Outcome {
    let mut stream = server.connect()?;
    stream.send(b"true");
    stream.receive_some("an answer, also to a command that prints nothing").map(drop).hint_any(
        "An empty send puts nothing on the wire, so the client waits for ever. Only a length in \
         front, 0 here, can say that an answer is empty: that is lesson 03.",
    )?;
    stream.rest();
    ask(&mut stream, server.setting(), "echo hi", "hi\n")
}
