//! Topic `cuts`: a message arrives in pieces, each of which is a recv of its own.

use language::text;
use rust_i18n::t;
use wire::Framing;

use super::serving::{asked, asks, expect, frames_answers, has_answers, request};
use crate::carrier::{Carrier, READY};
use crate::client::{AcceptedClient, Client};
use crate::failure::{Hint, Outcome};
use crate::probe::{Probe, Side, client, server};
use crate::server::Server;
use crate::setting::Setting;
use crate::speech::{Exchange, Speech};
use crate::stream::ProbeStream;

/// An id, and what it asks for: of servers and of clients.
type Requirement = (&'static str, &'static str);

const AFTER_1: Requirement =
    ("cuts/length-after-1-byte", "A length may be cut after its first byte.");
const AFTER_2: Requirement =
    ("cuts/length-after-2-bytes", "A length may be cut after its second byte.");
const AFTER_3: Requirement =
    ("cuts/length-after-3-bytes", "A length may be cut after its third byte.");

/// Requests in pieces.
pub(crate) fn of_servers() -> Vec<Probe> {
    vec![
        server(AFTER_1.0, AFTER_1.1, |s| length_cut(s, 1)).when(|s| heads_requests(s, 2)),
        server(AFTER_2.0, AFTER_2.1, |s| length_cut(s, 2)).when(|s| heads_requests(s, 3)),
        server(AFTER_3.0, AFTER_3.1, |s| length_cut(s, 3)).when(|s| heads_requests(s, 4)),
        server("cuts/length-alone", "A length may arrive alone, before its message.", |s| {
            let head = length_bytes(&s.setting().speech().request());
            send_cut(s, head).hint_any(&alone(Side::Server, head))
        })
        .when(|s| heads_requests(s, 1)),
        server("cuts/message-in-two", "A request may arrive in two pieces.", message_in_two)
            .when(|s| s.speech().can_cut_requests()),
        server("cuts/end-mark-alone", "An end mark may arrive alone, behind its message.", |s| {
            send_cut(s, request(s, WORD).len() - s.setting().speech().request().tail())
                .hint_any(MARK)
        })
        .when(|s| has_answers(s) && s.speech().request().tail() > 0),
        server("cuts/end-mark-in-two", "An end mark may arrive in two pieces.", |s| {
            send_cut(s, request(s, WORD).len() - 1).hint_any(MARK)
        })
        .when(|s| has_answers(s) && s.speech().request().tail() > 1),
        server("cuts/byte-by-byte", "A request may arrive byte by byte.", byte_by_byte)
            .when(|s| s.speech().can_cut_requests()),
        server("cuts/character", "A character that arrives in two pieces comes back whole.", |s| {
            character(s)
        })
        .when(|s| s.speech().can_cut_requests() && s.speech().is_echo()),
        server("cuts/json-header", "A JSON header may arrive in two pieces.", |s| {
            let head = length_bytes(&s.setting().speech().request());
            send_cut(s, s.random(head + 1, head + 20)).hint_any(&json_in_two(Side::Server))
        })
        .when(|s| has_answers(s) && has_json(&s.speech().request())),
        server("cuts/digits", "Announced digits may arrive one by one.", digits).when(announces),
        server("cuts/word", "recv_ready may arrive in two pieces.", word_in_two).when(announces),
    ]
}

/// Answers in pieces.
pub(crate) fn of_clients() -> Vec<Probe> {
    vec![
        client(AFTER_1.0, AFTER_1.1, |c| answer_length_cut(c, 1)).when(|s| heads_answers(s, 2)),
        client(AFTER_2.0, AFTER_2.1, |c| answer_length_cut(c, 2)).when(|s| heads_answers(s, 3)),
        client(AFTER_3.0, AFTER_3.1, |c| answer_length_cut(c, 3)).when(|s| heads_answers(s, 4)),
        client("cuts/length-alone", "A length may arrive alone, before its answer.", |c| {
            let head = length_bytes(&c.setting().speech().answer());
            shows_cut(c, &pieces(c), head).hint_any(&alone(Side::Client, head))
        })
        .when(|s| heads_answers(s, 1)),
        client("cuts/message-in-two", "An answer in two pieces is shown whole.", answer_in_two)
            .when(frames_answers),
        client("cuts/end-mark-alone", "An end mark may arrive alone, behind its answer.", |c| {
            let carrier = c.setting().speech().answer();
            let exchange = pieces(c);
            let first = carrier.encode(&exchange.answer).len() - carrier.tail();
            shows_cut(c, &exchange, first).hint_any(MARK)
        })
        .when(|s| has_answers(s) && s.speech().answer().tail() > 0),
        client("cuts/byte-by-byte", "An answer may arrive byte by byte.", |c| {
            let exchange = pieces(c);
            let mut accepted = asks(c, &exchange)?;
            let carrier = c.setting().speech().answer();
            accepted.stream.send_byte_by_byte(&carrier.encode(&exchange.answer));
            ends_answer(&carrier, &mut accepted.stream);
            c.shows(&exchange.shown).hint_any(ONE_BYTE_EACH)
        })
        .when(|s| has_answers(s) && s.speech().answer().can_be_cut()),
        client("cuts/character", "A character in two pieces is shown whole.", |c| {
            let speech = c.setting().speech();
            let exchange = speech.of_word("你好");
            let head = speech.answer().head(&exchange.answer);
            let mut accepted = asks(c, &exchange)?;
            send_cut_answer(c, &mut accepted, &exchange, head + c.random(1, 3))?;
            c.shows(&exchange.shown).hint_any(text!(
                "The client decodes each recv by itself, and one held half a character. Decode \
                 when all of the answer is there."
            ))
        })
        .when(|s| frames_answers(s) && s.speech().has_words()),
        client("cuts/json-header", "A JSON header may arrive in two pieces.", |c| {
            let head = length_bytes(&c.setting().speech().answer());
            shows_cut(c, &pieces(c), c.random(head + 1, head + 20))
                .hint_any(&json_in_two(Side::Client))
        })
        .when(|s| has_answers(s) && has_json(&s.speech().answer())),
        client("cuts/digits", "Announced digits may arrive one by one.", answer_digits)
            .when(announces),
    ]
}

/// The word that is asked about.
const WORD: &str = "one-whole-request";
/// The word whose answer comes in pieces.
const ANSWERED: &str = "first-half,second-half";

/// The exchange whose answer comes in pieces.
fn pieces(client: &Client) -> Exchange {
    client.setting().speech().exchange(0, ANSWERED)
}

/// Requests have a length of at least so many bytes in front.
fn heads_requests(setting: &Setting, bytes: usize) -> bool {
    has_answers(setting) && length_bytes(&setting.speech().request()) >= bytes
}

/// Answers have a length of at least so many bytes in front.
fn heads_answers(setting: &Setting, bytes: usize) -> bool {
    has_answers(setting) && length_bytes(&setting.speech().answer()) >= bytes
}

/// Both directions have announced lengths, with a new line to end them.
fn announces(setting: &Setting) -> bool {
    has_answers(setting) && setting.speech().request() == Carrier::Announced { ended: true }
}

/// A JSON header stands in front of a message.
fn has_json(carrier: &Carrier) -> bool {
    matches!(carrier, Carrier::Headed { .. } | Carrier::Framed(Framing::Json { .. }))
}

/// How many bytes the length in front of a message has, or that of its JSON header.
pub(crate) fn length_bytes(carrier: &Carrier) -> usize {
    match carrier {
        Carrier::Framed(Framing::Length(length) | Framing::Json { length, .. }) => length.width(),
        Carrier::Framed(Framing::Digits(_)) => carrier.head(WORD.as_bytes()),
        Carrier::Headed { .. } => wire::LENGTH_BYTES,
        _ => 0,
    }
}

/// The hint for a reader that got `got` bytes of a length.
fn one_recv_for_the_length(who: Side, got: usize, all: usize) -> String {
    let bytes = if got == 1 { t!("1 byte") } else { t!("%{width} bytes", width = got) };
    t!(
        "The %{who} reads the %{all}-byte length with one recv; it got %{bytes}. recv(%{all}) \
         returns at most %{all} bytes, and at least one: call it until %{all} are there.",
        who = who.spoken(),
        all = all,
        bytes = bytes
    )
    .into_owned()
}

fn alone(who: Side, head: usize) -> String {
    t!(
        "The length arrived alone, and the message after it: the %{who} expects both in one recv. \
         Read %{head} bytes, then as many as they say.",
        who = who.spoken(),
        head = head
    )
    .into_owned()
}

fn json_in_two(who: Side) -> String {
    t!(
        "The %{who} reads the JSON header with one recv, and it got the first piece. Call recv \
         until as many bytes are there as the length says.",
        who = who.spoken()
    )
    .into_owned()
}

const MARK: &str = text!(
    "The end mark did not come with the message, or not in one piece: keep what has arrived, and \
     look for the mark in all of it after each recv."
);

const ONE_BYTE_EACH: &str = text!(
    "One recv is taken for a whole length, or for a whole message, and each recv gave one byte. \
     Call it until all of the bytes are there."
);

const ONE_RECV_FOR_THE_BODY: &str = text!(
    "The server reads the message with one recv, and it got the first piece. recv(n) returns at \
     most n bytes: call it until n are there."
);

const ONE_RECV: &str = text!(
    "The server takes one recv for one request. recv returns what has arrived, which may be half \
     a request, or two. Say in front of each message how long it is: that is lesson 03."
);

/// What to say of a server that took the first piece of a message for all of it.
fn one_recv(speech: &Speech<'_>) -> &'static str {
    let is_lost = text!("The server has answered some of the bytes and lost the others.");
    match speech.request() {
        Carrier::Framed(Framing::None) if speech.is_echo() => is_lost,
        Carrier::Framed(Framing::None) => ONE_RECV,
        Carrier::Framed(Framing::Line | Framing::Until(_) | Framing::End) => {
            text!(
                "The server takes one recv for a whole message, and it got the first piece. Only \
                 the end mark says that a message has ended: call recv until it is there."
            )
        }
        _ => ONE_RECV_FOR_THE_BODY,
    }
}

/// Half-closes a connection that has room for no other request.
fn ends_requests(server: &Server, stream: &mut ProbeStream) {
    if server.setting().speech().exchanges() == 1 {
        stream.half_close();
    }
}

/// The first request in two pieces, the first of which has so many bytes, is answered.
fn send_cut(server: &Server, first: usize) -> Outcome {
    let mut stream = server.connect()?;
    stream.send_cut(&request(server, WORD), first);
    ends_requests(server, &mut stream);
    expect(server, &mut stream, WORD)
}

fn length_cut(server: &Server, first: usize) -> Outcome {
    let all = length_bytes(&server.setting().speech().request());
    send_cut(server, first).hint_any(&one_recv_for_the_length(Side::Server, first, all))
}

fn message_in_two(server: &Server) -> Outcome {
    let speech = server.setting().speech();
    let exchange = speech.exchange(0, WORD);
    let head = speech.request().head(&exchange.request);
    let first = head + server.random(1, exchange.request.len());
    send_cut(server, first).hint_any(one_recv(&speech))
}

/// A command without a length, cut inside its first word: lesson 02.
pub(crate) fn bare_command_in_two(server: &Server) -> Outcome {
    send_cut(server, server.random(1, 5)).hint_any(ONE_RECV)
}

/// Two commands without a length, with one send: lesson 02.
pub(crate) fn bare_commands_joined(server: &Server) -> Outcome {
    let mut stream = server.connect()?;
    stream.send(b"echo oneecho two");
    stream.expect_text(b"one\ntwo\n").hint_any(ONE_RECV)
}

fn byte_by_byte(server: &Server) -> Outcome {
    let speech = server.setting().speech();
    let mut stream = server.connect()?;
    stream.send_byte_by_byte(&request(server, "hello"));
    ends_requests(server, &mut stream);
    expect(server, &mut stream, "hello").hint_any(match speech.is_stream() {
        true => one_recv(&speech),
        false => ONE_BYTE_EACH,
    })
}

fn character(server: &Server) -> Outcome {
    let speech = server.setting().speech();
    let exchange = speech.of_word("a你b");
    let head = speech.request().head(&exchange.request);
    let mut stream = server.connect()?;
    // The character has at least 2 bytes, the second and the third of the message.
    stream.send_cut(&speech.request().encode(&exchange.request), head + 2);
    ends_requests(server, &mut stream);
    speech.expect(&mut stream, &exchange).hint_any(text!(
        "The server decodes each recv by itself, and one recv held half a character. Keep bytes \
         as bytes, or decode when all of them are there."
    ))
}

fn digits(server: &Server) -> Outcome {
    let mut stream = server.connect()?;
    stream.send_byte_by_byte(b"12\n");
    stream.expect(READY).hint_any(text!(
        "The server takes one recv for the whole number. Only the new line says that it has ended."
    ))?;
    stream.send(b"echo hello\r\n");
    server.setting().speech().receive_answer(&mut stream).map(drop)
}

fn word_in_two(server: &Server) -> Outcome {
    let speech = server.setting().speech();
    let mut stream = server.connect()?;
    speech.request().send(&mut stream, b"echo hi")?;
    stream.expect_text(b"3\n")?;
    stream.send_in_pieces(&[b"recv_", b"ready"]);
    stream.expect_text(b"hi\n").hint_any(text!(
        "The server takes one recv for the whole of recv_ready. Receive until its 10 bytes are \
         there."
    ))
}

/// Sends the answer in two pieces, the first of which has so many bytes.
fn send_cut_answer(
    client: &Client,
    accepted: &mut AcceptedClient<'_>,
    exchange: &Exchange,
    first: usize,
) -> Outcome {
    let carrier = client.setting().speech().answer();
    carrier.announce(&mut accepted.stream, exchange.answer.len())?;
    accepted.stream.send_cut(&carrier.encode(&exchange.answer), first);
    ends_answer(&carrier, &mut accepted.stream);
    Ok(())
}

/// Half-closes the connection, if only its end says where an answer ends.
fn ends_answer(carrier: &Carrier, stream: &mut ProbeStream) {
    if *carrier == Carrier::Framed(Framing::End) {
        stream.half_close();
    }
}

/// The answer in two pieces, the first of which has so many bytes, is shown.
fn shows_cut(client: &Client, exchange: &Exchange, first: usize) -> Outcome {
    let mut accepted = asks(client, exchange)?;
    send_cut_answer(client, &mut accepted, exchange, first)?;
    client.shows(&exchange.shown)
}

fn answer_length_cut(client: &Client, first: usize) -> Outcome {
    let all = length_bytes(&client.setting().speech().answer());
    shows_cut(client, &pieces(client), first).hint_any(&one_recv_for_the_length(
        Side::Client,
        first,
        all,
    ))
}

pub(crate) fn answer_in_two(client: &Client) -> Outcome {
    let speech = client.setting().speech();
    let exchange = pieces(client);
    let head = speech.answer().head(&exchange.answer);
    let first = head + client.random(1, exchange.answer.len().saturating_sub(1));
    shows_cut(client, &exchange, first).hint_any(match speech.is_stream() {
        true => {
            text!(
                "The client takes one recv for the whole answer, and it got the first piece. This \
                 answer is as long as its question: call recv until so many bytes are there."
            )
        }
        false => {
            text!(
                "The client takes one recv for the whole answer, and it got the first piece. Call \
                 recv until all of the answer is there."
            )
        }
    })
}

fn answer_digits(client: &Client) -> Outcome {
    let mut accepted = asked(client, "hello")?;
    accepted.stream.send_byte_by_byte(b"10\n");
    accepted.stream.expect(READY).hint_any(text!(
        "The client takes one recv for the whole number. Only the new line says that it has ended."
    ))?;
    accepted.stream.send(b"an answer\n");
    client.shows("an answer")
}
