//! Topic `ends`: how a conversation ends, in order or not, and what becomes of the next one.

use language::text;

use super::client_ends::{finds_out_at_its_prompt, gives_up};
use super::serving::{
    answered, asked, exchange, frames_answers, frames_requests, has_answers, is_command, request,
    still_serves,
};
use crate::carrier::Carrier;
use crate::client::Client;
use crate::failure::{FailureKind, Hint, Outcome};
use crate::probe::{Probe, client, server};
use crate::server::Server;
use crate::setting::{Service, Setting};
use crate::stream::ProbeStream;

/// How clients leave.
pub(crate) fn of_servers() -> Vec<Probe> {
    vec![
        server("ends/half-close", "After a half-close the connection ends in order.", half_close)
            .when(has_answers),
        server("ends/without-a-word", "A client that leaves without a word does no harm.", |s| {
            s.connect()?.close();
            still_serves(s)
        })
        .when(has_answers),
        server("ends/after-an-answer", "After a client has left, the next one is served.", |s| {
            answered(s)?.close();
            still_serves(s)
        })
        .when(has_answers),
        server("ends/reset", "After a client's reset, the next one is served.", |s| {
            answered(s)?.reset();
            still_serves(s)
        })
        .when(has_answers),
        server(
            "ends/before-the-answer",
            "A client that leaves before its answer does no harm.",
            leaves_early,
        )
        .when(has_answers),
        server("ends/inside-a-length", "A client that leaves inside a length does no harm.", |s| {
            leaves_inside(s, ProbeStream::close, |head, _| head / 2)
        })
        .when(|s| has_answers(s) && super::cuts::length_bytes(&s.speech().request()) > 1),
        server(
            "ends/inside-a-request",
            "A client that leaves inside a request does no harm.",
            |s| leaves_inside(s, ProbeStream::close, |head, all| (head + 2).min(all - 1)),
        )
        .when(can_leave_inside),
        server("ends/reset-inside-a-request", "A reset inside a request does no harm.", |s| {
            leaves_inside(s, ProbeStream::reset, |head, all| (head + 2).min(all - 1))
        })
        .when(can_leave_inside),
    ]
}

/// How servers leave, and the input ends.
pub(crate) fn of_clients() -> Vec<Probe> {
    vec![
        client("ends/input", "When the input ends, the client hangs up and ends.", input_ends)
            .when(has_answers),
        client("ends/server-closes", "When the server hangs up, the client notices.", |c| {
            notices(c, ProbeStream::close)
        })
        .when(has_answers),
        client("ends/server-resets", "When the server resets, the client notices.", |c| {
            notices(c, ProbeStream::reset)
        })
        .when(has_answers),
        client(
            "ends/inside-a-length",
            "When the server ends inside a length, the client notices.",
            |c| hangs_up_inside(c, |head, _| head / 2),
        )
        .when(|s| has_answers(s) && super::cuts::length_bytes(&s.speech().answer()) > 1),
        client(
            "ends/inside-an-answer",
            "When the server ends inside an answer, the client notices.",
            |c| hangs_up_inside(c, |head, all| head + (all - head) / 2),
        )
        .when(|s| frames_answers(s) && s.speech().exchanges() > 1),
        client("ends/nobody-listens", "Where nobody listens, the client says so and ends.", |c| {
            c.start_in_vain()?;
            c.ends_input();
            gives_up(c)
        })
        .when(|s| has_answers(s) || s.service == Service::Greet),
    ]
}

/// A request has an inside: its end is said.
fn can_leave_inside(setting: &Setting) -> bool {
    let request = setting.speech().request();
    frames_requests(setting)
        && request.can_be_cut()
        && request != Carrier::Framed(wire::Framing::End)
}

fn half_close(server: &Server) -> Outcome {
    let speech = server.setting().speech();
    let mut stream = answered(server)?;
    if speech.exchanges() > 1 {
        stream.half_close();
    }
    stream
        .expect_end()
        .hint(
            FailureKind::Excess,
            text!(
                "The server takes an empty recv for a request, and answers it, again and again \
                 until the client has gone. An empty recv is the end of the stream: leave the \
                 loop there."
            ),
        )
        .hint(
            FailureKind::Timeout,
            text!(
                "The server does not notice the end of the stream, or does not close its side: \
                 after an empty recv, close the connection."
            ),
        )
        .hint_any(text!(
            "At the end of the stream the server ends with an error, instead of closing in order: \
             an empty recv is no request."
        ))?;
    still_serves(server)
}

/// The client asks, for much if it can, and leaves while the answer is on its way.
fn leaves_early(server: &Server) -> Outcome {
    let speech = server.setting().speech();
    let mut stream = server.connect()?;
    match is_command(server.setting()) && speech.answer().holds(2 << 20) {
        true => {
            speech.request().send(&mut stream, b"seq 1 200000")?;
            stream.receive(1, text!("the answer's first byte"))?;
        }
        false => speech.request().send(&mut stream, &speech.exchange(0, "hello").request)?,
    }
    stream.reset();
    still_serves(server)
}

/// The client sends so much of a request, and leaves so. `first` is given the number of bytes before
/// the message, and of all.
fn leaves_inside(
    server: &Server,
    leave: fn(ProbeStream),
    first: fn(usize, usize) -> usize,
) -> Outcome {
    let carrier = server.setting().speech().request();
    let bytes = request(server, "hello");
    let head = carrier.head(&server.setting().speech().exchange(0, "hello").request);
    let mut stream = server.connect()?;
    stream.send(bytes.get(..first(head, bytes.len()).max(1)).unwrap_or_default());
    stream.wait_until_taken();
    leave(stream);
    still_serves(server).hint_any(text!(
        "The stream may end inside a message. An empty recv there is an error of this one client."
    ))
}

fn input_ends(client: &Client) -> Outcome {
    let mut accepted = client.start()?;
    exchange(client, &mut accepted.stream, 0, "hello")?;
    client.ends_input();
    accepted
        .stream
        .expect_gone()
        .hint_any(text!("At the end of its input the client should hang up."))?;
    // A client may half-close, and wait for the server's end.
    accepted.stream.close();
    client
        .ends()
        .map(drop)
        .hint_any(text!("There is no more input and no connection: end the program."))
}

pub(crate) const ENDLESS: &str = text!(
    "The client waits, or turns in a loop, for bytes that cannot come any more. An empty recv is \
     the end of the stream: stop there, and say so."
);

/// After `leave`, in the place of an answer, the client finds out, and can be ended.
fn notices(client: &Client, leave: fn(ProbeStream)) -> Outcome {
    let accepted = asked(client, "hello")?;
    finds_out_at_its_prompt(client, accepted, leave, ENDLESS)
}

/// The server says a part of an answer, and hangs up. `first` is given the number of bytes before the
/// message, and of all.
fn hangs_up_inside(client: &Client, first: fn(usize, usize) -> usize) -> Outcome {
    let speech = client.setting().speech();
    let answer = speech.exchange(0, "an-answer-of-which-only-a-part-arrives").answer;
    let carrier = speech.answer();
    let mut accepted = asked(client, "hello")?;
    carrier.announce(&mut accepted.stream, answer.len())?;
    let whole = carrier.encode(&answer);
    let part = whole.get(..first(carrier.head(&answer), whole.len())).unwrap_or_default();
    accepted.stream.send(part);
    accepted.stream.wait_until_taken();
    finds_out_at_its_prompt(client, accepted, ProbeStream::close, ENDLESS)
}
