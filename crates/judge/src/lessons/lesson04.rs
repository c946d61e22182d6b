//! Lesson 04, UDP: each datagram is a message, and may be lost, come twice, or come from anybody.
//!
//! On loopback hardly any is lost. So where a client has to bear that, the judge is the network: it
//! leaves a question unanswered, or answers it twice, or lets a stranger answer.

use std::time::Duration;

use language::text;

use crate::client::Client;
use crate::datagrams::{Datagrams, LARGEST};
use crate::failure::{Failure, FailureKind, Hint, Outcome};
use crate::port::Transport;
use crate::probe::{Lesson, Probe, client, server};
use crate::probes::client_ends;
use crate::probes::serving::is_echo;
use crate::server::Server;
use crate::setting::{Header, Service, Setting};

/// The probes of lesson 04.
pub(super) fn lesson() -> Lesson {
    Lesson {
        number: 4,
        subject: text!("a datagram comes back in upper case"),
        services: &[Service::Upper, Service::Reply],
        headers: &[Header::None],
        transport: Transport::Udp,
        probes: [server_probes(), client_probes(), probes_of_loss()].concat(),
    }
}

fn server_probes() -> Vec<Probe> {
    vec![
        server("answers/one-datagram", "A datagram is answered.", |s| answers(s, &[b"hello"])),
        server("answers/again", "A client may ask again and again.", |s| {
            // Each is shorter than the one before, of which nothing may be left.
            answers(s, &[b"seven", b"four", b"two"])
        }),
        server(
            "datagrams/empty-is-answered",
            "An empty datagram is a question, and is answered.",
            |s| answers_empty(s, &[b""]),
        ),
        server("datagrams/empty-ends-nothing", "An empty datagram ends nothing.", |s| {
            answers_empty(s, &[b"", b"next"])
        }),
        server("text/other-alphabets", "Letters of other alphabets come back unchanged.", |s| {
            comes_back(s, "grüße, 你好 abc".as_bytes())
        })
        .when(is_echo),
        server("text/no-text-comes-back", "Bytes that are no text come back unchanged.", |s| {
            comes_back(s, b"\x00\x01\xff\xfe\x80a\xc3(")
        })
        .when(is_echo),
        server("text/no-text-ends-nothing", "Bytes that are no text end nothing.", no_text),
        server("sizes/1024-bytes", "A datagram of 1,024 bytes comes back whole.", |s| {
            comes_back(s, &b"abcdefgh".repeat(128))
        })
        .when(is_echo),
        server(
            "sizes/longer-than-the-room",
            "A datagram that is too long is cut, and ends nothing.",
            too_long,
        ),
        server("datagrams/two-that-meet", "Two datagrams that meet are two questions.", two_meet)
            .when(is_echo),
        server("loss/asked-twice", "What is asked twice is answered twice.", asked_twice),
        server(
            "crowds/each-its-own-answer",
            "Each client gets the answer to its own question.",
            own_answers,
        ),
        server(
            "ends/client-has-gone",
            "A client that has gone before its answer ends nothing.",
            has_gone,
        ),
        server("crowds/five-in-turn", "Five clients are served in turn, again and again.", five),
        server(
            "crowds/hundred-at-once",
            "A hundred clients that ask at once are all answered.",
            hundred,
        ),
    ]
}

fn client_probes() -> Vec<Probe> {
    vec![
        client("lines/one", "A line that is typed is sent, and its answer is shown.", |c| {
            exchange_lines(c, &[("hello", "HELLO")])
        }),
        client("lines/each-its-own-answer", "Each line gets its own answer.", |c| {
            exchange_lines(c, &[("one", "ONE"), ("two", "TWO"), ("three", "THREE")])
        }),
        client(
            "text/other-alphabets",
            "Text in other alphabets goes out as UTF-8, and is shown.",
            |c| exchange_lines(c, &[("grüße, 你好", "GRüßE, 你好")]),
        ),
        client("lines/blank", "A blank line does not stop the client.", blank_line),
        client("datagrams/empty-ends-nothing", "An empty answer is an answer, and no end.", |c| {
            goes_on_after(
                c,
                b"",
                text!("An empty datagram is a message without bytes, and ends nothing."),
            )
        }),
        client("sizes/1000-letters", "An answer of 1,000 letters is shown whole.", long_answer),
        client("sizes/65507-bytes", "An answer of 65,507 bytes, the longest, ends nothing.", |c| {
            goes_on_after(
                c,
                &vec![b'x'; LARGEST],
                text!(
                    "What there is no room for is lost, and that is all: on Windows recvfrom \
                     fails then."
                ),
            )
        }),
        client(
            "text/no-text-ends-nothing",
            "An answer that is no text does not end the client.",
            |c| {
                goes_on_after(
                    c,
                    b"\xff\xfe\x80",
                    text!(
                        "The client decodes what came, and it is no text. What a peer sends may \
                         be anything: decode with a replacement (in Python errors=\"replace\")."
                    ),
                )
            },
        ),
        client("answers/after-300-ms", "An answer that takes 300 ms is waited for.", slow_answer),
        client("ends/input-ends", "When the input ends, the client ends.", input_ends),
    ]
}

fn probes_of_loss() -> Vec<Probe> {
    vec![
        client("loss/asks-again", "A question that is not answered is asked again.", asks_again),
        client(
            "loss/answered-twice",
            "An answer that comes twice is not the next one's too.",
            |c| answered_twice(c, 1),
        ),
        client(
            "loss/late-answers",
            "Late answers to repeated questions are not the next one's.",
            |c| answered_twice(c, 2),
        ),
        client("datagrams/from-a-stranger", "An answer from a stranger is not taken.", stranger),
        client(
            "loss/nobody-answers",
            "Where nobody answers, the client says so and ends.",
            nobody_answers,
        ),
        client("loss/nobody-is-there", "Where nobody is, the client says so and ends.", nobody_is),
    ]
}

/// Who gets no answer hears no reason either. Whether the server has received the question, the system
/// knows.
fn explain_silence(server: &Server) -> impl FnOnce(&Failure) -> Option<String> {
    let leaves = server.leaves_datagrams();
    move |failure| {
        let why = match (failure.kind, leaves) {
            (FailureKind::Timeout, Some(true)) => {
                text!(
                    "The datagram still waits in the kernel: the server does not come (back) to \
                     recvfrom. It is one socket for everybody, so call recvfrom in a loop, and \
                     wait for nothing else there."
                )
            }
            (FailureKind::Timeout, Some(false)) => {
                text!(
                    "The server has received the datagram, and sends nothing to where it came \
                     from: answer every one with sendto, to the address that recvfrom gives."
                )
            }
            (FailureKind::Timeout, None) => {
                text!(
                    "The server says nothing. Is it one for datagrams (SOCK_DGRAM), and does it \
                     answer with sendto to the address that recvfrom gives?"
                )
            }
            (FailureKind::Refused, _) => {
                text!(
                    "The server has ended. It is one socket for everybody: whatever came, go on \
                     with recvfrom."
                )
            }
            _ => return None,
        };
        Some(why.to_owned())
    }
}

/// What the server answers to this question.
fn answer(setting: &Setting, question: &[u8]) -> Vec<u8> {
    match setting.service {
        Service::Upper => question.to_ascii_uppercase(),
        Service::Echo => question.to_vec(),
        _ => setting.text.replace("{}", &String::from_utf8_lossy(question)).into_bytes(),
    }
}

/// One question and its answer.
fn exchange(datagrams: &mut Datagrams, setting: &Setting, question: &[u8]) -> Outcome {
    datagrams.send(question);
    datagrams.expect(&answer(setting, question))
}

fn answers(server: &Server, questions: &[&[u8]]) -> Outcome {
    let mut client = server.datagrams()?;
    questions
        .iter()
        .try_for_each(|question| exchange(&mut client, server.setting(), question))
        .explain(explain_silence(server))
        .hint(FailureKind::Mismatch, text!("The answer is another one than this service gives."))
}

fn answers_empty(server: &Server, questions: &[&[u8]]) -> Outcome {
    let mut client = server.datagrams()?;
    questions
        .iter()
        .try_for_each(|question| exchange(&mut client, server.setting(), question))
        .hint_any(text!(
            "An empty datagram is no end: over UDP there is no connection that could end. It is a \
             question without bytes, and is answered like any other."
        ))
}

fn comes_back(server: &Server, question: &[u8]) -> Outcome {
    exchange(&mut server.datagrams()?, server.setting(), question).hint_any(text!(
        "Upper-case the bytes, and only the letters a to z: bytes need no decoding to be sent back."
    ))
}

/// Any answer will do, and so will none.
fn no_text(server: &Server) -> Outcome {
    let mut client = server.datagrams()?;
    client.send(b"\xff\xfe\x80");
    next_exchange(&mut client, server.setting(), b"next", |_| true).hint_any(text!(
        "What a client sends may be anything, also no text: catch the error of decoding."
    ))
}

/// One more question and its answer, after a question whose answer may come or not, soon or late, and
/// `may_be` what has come.
fn next_exchange(
    client: &mut Datagrams,
    setting: &Setting,
    question: &[u8],
    may_be: impl Fn(&[u8]) -> bool,
) -> Outcome {
    // When that answer comes is the server's own business, so it is in no report.
    let before = client.receive_if_any();
    if let Some(came) = before.as_ref().filter(|came| !may_be(came)) {
        let wanted =
            text!("an answer to the datagram, or to the part of it that there was room for");
        return Err(Failure::new(FailureKind::Mismatch, wanted, crate::show::bytes(came)));
    }
    client.send(question);
    let is_late = |came: &[u8]| before.is_none() && may_be(came);
    client.expect_behind(&answer(setting, question), is_late)
}

/// A server with little room answers a part of it; one with none to spare may leave it unanswered.
fn too_long(server: &Server) -> Outcome {
    let question = vec![b'x'; LARGEST];
    let mut client = server.datagrams()?;
    client.send(&question);
    let whole = answer(server.setting(), &question);
    let is_part =
        |came: &[u8]| whole.starts_with(came) || server.setting().service == Service::Reply;
    next_exchange(&mut client, server.setting(), b"short", is_part).hint(
        FailureKind::Mismatch,
        text!(
            "What was left of a long datagram answers the next question. recvfrom takes one \
             datagram: nothing of it is left for a second call, and nothing that comes with that \
             belongs to it."),
    )
    .hint(
        FailureKind::Timeout,
        text!(
            "The server waits for the rest of a datagram that was longer than its room. There is \
             no rest: recvfrom takes one datagram, and what there is no room for is lost."),
    )
    .hint_any(
        text!(
            "A datagram that was longer than its room has ended the server: on Windows recvfrom \
             fails then. What there is no room for is lost, and that is all: go on."),
    )
}

fn two_meet(server: &Server) -> Outcome {
    let mut client = server.datagrams()?;
    client.send(b"hello");
    client.send(b"world");
    client
        .expect_all(&[&answer(server.setting(), b"hello"), &answer(server.setting(), b"world")])
        .hint_any(text!("Each datagram is a message of its own: one recvfrom, one answer."))
}

fn asked_twice(server: &Server) -> Outcome {
    let mut client = server.datagrams()?;
    exchange(&mut client, server.setting(), b"hello")?;
    exchange(&mut client, server.setting(), b"hello").hint(
        FailureKind::Timeout,
        text!(
            "The server does not answer a question that it knows already. A client asks again \
             because the answer was lost, and without a second one it waits in vain."
        ),
    )
}

fn own_answers(server: &Server) -> Outcome {
    let (mut first, mut second) = (server.datagrams()?, server.datagrams()?);
    exchange(&mut first, server.setting(), b"one")?;
    exchange(&mut second, server.setting(), b"two").hint(
        FailureKind::Timeout,
        text!(
            "The server hears, or answers, only the client that asked first. Do not connect the \
             server's socket; send each answer to the address that came with its question."
        ),
    )?;
    second.send(b"four");
    first.send(b"five");
    let expect = |client: &mut Datagrams, question: &[u8]| {
        client.expect(&answer(server.setting(), question)).hint_any(text!(
            "An answer goes to the address that came with its question, and to no other."
        ))
    };
    expect(&mut first, b"five")?;
    expect(&mut second, b"four")
}

fn has_gone(server: &Server) -> Outcome {
    let mut gone = server.datagrams()?;
    gone.send(b"hello");
    gone.close();
    exchange(&mut server.datagrams()?, server.setting(), b"next")
        .hint(
            FailureKind::Refused,
            text!(
                "An answer has met nobody, and the server has taken that for an error of its own \
                 (on Windows recvfrom then raises ConnectionResetError). Go on with recvfrom."
            ),
        )
        .explain(explain_silence(server))
}

fn five(server: &Server) -> Outcome {
    let mut clients = (0..5).map(|_| server.datagrams()).collect::<Result<Vec<_>, _>>()?;
    for round in 1..4 {
        for (number, client) in clients.iter_mut().enumerate() {
            let question = format!("client {number}, question {round}");
            exchange(client, server.setting(), question.as_bytes())
                .explain(explain_silence(server))
                .hint_any(text!(
                    "The answer to another question: keep nothing from one to the next."
                ))?;
        }
    }
    Ok(())
}

fn hundred(server: &Server) -> Outcome {
    let mut clients = (0..100).map(|_| server.datagrams()).collect::<Result<Vec<_>, _>>()?;
    let question = |number: usize| format!("client {number}").into_bytes();
    for (number, client) in clients.iter_mut().enumerate() {
        client.send(&question(number));
    }
    for (number, client) in clients.iter_mut().enumerate() {
        client.expect(&answer(server.setting(), &question(number))).hint(
            FailureKind::Timeout,
            text!(
                "Some questions were lost: the kernel keeps those that have come, and there is \
                 room for a hundred. Does the server throw any away, or take its time with each?"
            ),
        )?;
    }
    Ok(())
}

/// Types each line, expects it, answers, and expects that the answer is shown.
fn exchange_lines(client: &Client, lines: &[(&str, &str)]) -> Outcome {
    let mut server = client.start_with_datagrams()?;
    for (line, upper) in lines {
        ask(client, &mut server, line)?;
        server.send(upper.as_bytes());
        client
            .shows(upper)
            .explain(came_as("b'", text!("This is how Python shows bytes. Decode them.")))?;
    }
    Ok(())
}

/// The hint if what came has this in it.
fn came_as(part: &'static str, hint: &'static str) -> impl FnOnce(&Failure) -> Option<String> {
    move |failure| failure.actual.contains(part).then(|| hint.to_owned())
}

/// Types a line, and expects its datagram.
fn ask(client: &Client, server: &mut Datagrams, line: &str) -> Outcome {
    client.types(line);
    server
        .expect(line.as_bytes())
        .hint(
            FailureKind::Timeout,
            text!(
                "The client sends nothing. Does it read its lines from standard input, and send \
                 datagrams (SOCK_DGRAM)?"
            ),
        )
        .hint(
            FailureKind::Mismatch,
            text!("The line is sent as it was typed, in UTF-8, without a new line."),
        )
}

/// After such an answer the next line is sent, and its answer shown.
fn goes_on_after(client: &Client, answer: &[u8], hint: &str) -> Outcome {
    let mut server = client.start_with_datagrams()?;
    ask(client, &mut server, "one")?;
    server.send(answer);
    client.types("two");
    server.expect(b"two").hint_any(hint)?;
    server.send(b"TWO");
    client.shows("TWO").hint_any(hint)
}

fn blank_line(client: &Client) -> Outcome {
    let mut server = client.start_with_datagrams()?;
    client.types("");
    client.types("hello");
    let first = server.receive(text!("a datagram"))?;
    // It may be sent, as an empty datagram, or left out.
    if first.is_empty() {
        server.send(b"");
        server.expect(b"hello").hint_any(text!(
            "An empty datagram was sent and answered by another one, and the client does not go \
             on: an empty answer is an answer."
        ))?;
    } else if first != b"hello" {
        let actual = crate::show::bytes(&first);
        return Err(Failure::new(
            FailureKind::Mismatch,
            text!("an empty datagram, or \"hello\""),
            actual,
        ))
        .hint_any(text!("The line is sent as it was typed, in UTF-8, without a new line."));
    }
    server.send(b"HELLO");
    client.shows("HELLO")
}

fn long_answer(client: &Client) -> Outcome {
    let (line, answer) = ("abcdefghij".repeat(100), "ABCDEFGHIJ".repeat(100));
    let mut server = client.start_with_datagrams()?;
    ask(client, &mut server, &line)?;
    server.send(answer.as_bytes());
    // That it does not come to its end is all that can be wrong where it begins.
    client.shows(&answer).explain(came_as(
        "ABCDEFGHIJ",
        text!(
            "recvfrom has too little room: what one call does not take of a datagram is lost. Ask \
             for 1024 bytes at least."
        ),
    ))
}

fn slow_answer(client: &Client) -> Outcome {
    let mut server = client.start_with_datagrams()?;
    ask(client, &mut server, "hello")?;
    server.pause(Duration::from_millis(300));
    server.send(b"HELLO");
    let asks_again = server.receive_if_any().is_some();
    client
        .shows("HELLO")
        .hint(
            FailureKind::Closed,
            text!("The client gives up before 300 ms are over. Wait longer."),
        )
        .explain(|_| {
            asks_again.then(|| {
                text!(
                    "The client asks again before 300 ms are over, and does not take the answer \
                     to its first try any more. It is the answer to the same question."
                )
                .to_owned()
            })
        })
}

fn input_ends(client: &Client) -> Outcome {
    let mut server = client.start_with_datagrams()?;
    ask(client, &mut server, "hello")?;
    server.send(b"HELLO");
    client.shows("HELLO")?;
    client.ends_input();
    client.ends().map(drop)
}

fn asks_again(client: &Client) -> Outcome {
    let mut server = client.start_with_datagrams()?;
    ask(client, &mut server, "hello")?;
    server
        .expect_at_last(b"hello")
        .hint(FailureKind::Timeout, &client_ends::for_ever(client))
        .hint(
            FailureKind::Closed,
            text!("The client gives up after the first try. A datagram may be lost: ask again."),
        )?;
    server.send(b"HELLO");
    client.shows("HELLO")
}

/// The first question is asked so many times, and gets two answers; the next one gets its own.
fn answered_twice(client: &Client, asked: usize) -> Outcome {
    let mut server = client.start_with_datagrams()?;
    ask(client, &mut server, "one")?;
    for _ in 1..asked {
        server.expect_at_last(b"one").hint(FailureKind::Timeout, &client_ends::for_ever(client))?;
    }
    server.send(b"ONE");
    server.send(b"ONE");
    client.shows("ONE")?;
    ask(client, &mut server, "two")?;
    server.send(b"TWO");
    client.shows("TWO").explain(came_as(
        "ONE",
        text!(
            "The second answer to the question before was taken for the answer to this one. A \
             datagram may come twice. Ask each question from a socket of its own, or number the \
             questions."
        ),
    ))
}

fn stranger(client: &Client) -> Outcome {
    let mut server = client.start_with_datagrams()?;
    ask(client, &mut server, "hello")?;
    let mut stranger = server.stranger()?;
    stranger.send(b"FROM A STRANGER");
    server.send(b"HELLO");
    client
        .shows("HELLO")
        .explain(came_as(
            "FROM A STRANGER",
            text!(
                "The client takes an answer from anybody. Compare the address that recvfrom gives \
                 with the server's, or connect the socket: then the kernel does."
            ),
        ))
        .hint(
            FailureKind::Closed,
            text!("A stranger's datagram ends the client. Drop it, and wait on."),
        )
}

fn nobody_answers(client: &Client) -> Outcome {
    let mut server = client.start_with_datagrams()?;
    ask(client, &mut server, "hello")?;
    client.ends_input();
    client_ends::finds_no_answer(client)
}

fn nobody_is(client: &Client) -> Outcome {
    client.start_in_vain_over(Transport::Udp)?;
    client.types("hello");
    client.ends_input();
    client_ends::finds_no_answer(client)
}
