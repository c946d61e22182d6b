//! Topic `sizes`: what is longer than a buffer, or exactly as long as one.

use std::fmt::Write;
use std::time::Duration;

use language::text;
use rust_i18n::t;

use super::serving::{
    ask, asked, asks, exchange, frames_answers, frames_requests, has_second, is_command, is_echo,
};
use crate::carrier::Carrier;
use crate::client::{AcceptedClient, Client};
use crate::failure::{Failure, FailureKind, Hint, Outcome};
use crate::probe::{Probe, client, server};
use crate::server::Server;
use crate::setting::Setting;
use crate::show;
use crate::speech::{Exchange, Speech};
use crate::stream::ProbeStream;

/// The sizes that people give to the buffers of their recv, in bytes.
const BUFFERS: [usize; 4] = [1024, 2048, 4096, 8192];
/// More than the sockets' buffers hold of what nobody reads, in bytes: tcp(7), `tcp_wmem` and
/// `tcp_rmem`.
const MORE_THAN_BUFFERS: usize = 8 << 20;
/// A message that no single recv returns whole, in bytes.
const LARGE: usize = 100_000;

/// Long requests and answers.
pub(crate) fn of_servers() -> Vec<Probe> {
    vec![
        server(
            "sizes/as-long-as-a-buffer",
            "A message may be as long as a buffer: 1024, 2048 …",
            as_long_as_a_buffer,
        )
        .when(|s| is_echo(s) && has_second(s)),
        server("sizes/100-kb", "100,000 bytes come back, every one.", large).when(|s| {
            is_echo(s) && s.speech().request().holds(LARGE) && s.speech().answer().holds(LARGE)
        }),
        server(
            "sizes/many-while-nobody-reads",
            "A client that reads slowly gets everything.",
            slow_reader,
        )
        .when(|s| is_echo(s) && has_second(s)),
        server("sizes/output-of-100-kb", "A command that prints 100 KB is answered.", |s| {
            ask_for(s, &seq(20_000)).hint(FailureKind::Timeout, PIPES).hint_any(text!(
                "The answer is not what the command prints: send all of it, with sendall."
            ))
        })
        .when(runs_much),
        server("sizes/errors-of-100-kb", "100 KB on standard error are answered as well.", |s| {
            much_error(s)
        })
        .when(|s| runs_much(s) && frames_requests(s) && frames_answers(s)),
        server(
            "sizes/long-answer-then-another",
            "After a long answer the next request gets its own.",
            long_answer,
        )
        .when(is_command),
        server(
            "sizes/output-of-10-mb",
            "A client that reads slowly gets a long output whole.",
            |s| {
                let speech = s.setting().speech();
                let exchange = seq(1_500_000);
                let mut stream = s.connect()?;
                speech.request().send(&mut stream, &exchange.request)?;
                stream.pause(Duration::from_millis(300));
                expect_each(&speech, &mut stream, &exchange, 1).hint_any(WAITING_SEND)
            },
        )
        .when(|s| runs_much(s) && frames_answers(s)),
    ]
}

/// Long lines and long answers.
pub(crate) fn of_clients() -> Vec<Probe> {
    vec![
        client("sizes/long-line", "A line of 5,000 letters is sent whole.", long_line)
            .when(|s| (is_echo(s) || frames_requests(s)) && s.speech().request().holds(5100)),
        client("sizes/answer-of-3000-bytes", "An answer of 3,000 bytes is shown whole.", |c| {
            shows_long(c)
        })
        .when(|s| answers_long(s) && frames_answers(s)),
        client("sizes/left-over", "After a long answer the next request gets its own.", left_over)
            .when(|s| answers_long(s) && frames_answers(s) && has_second(s)),
        client("sizes/answer-as-long-as-a-buffer", "An answer may be as long as a buffer.", |c| {
            answers_as_long_as_a_buffer(c)
        })
        .when(|s| frames_answers(s) && s.speech().has_words() && has_second(s)),
    ]
}

/// A command's output may have 100 KB.
fn runs_much(setting: &Setting) -> bool {
    is_command(setting) && setting.speech().answer().holds(2 * LARGE)
}

/// An answer may have 3,000 bytes.
fn answers_long(setting: &Setting) -> bool {
    setting.speech().has_words() && setting.speech().answer().holds(4000)
}

/// What a server, whose client waits, has probably done with a command's output.
const PIPES: &str = text!(
    "The server probably waits for the command, and the command for the server: a pipe holds 64 \
     KiB, and who reads one pipe to its end leaves the other full. Read both at once; in Python \
     that is communicate()."
);

const LOST_IN_RECV: &str = text!(
    "Of many requests that come without a pause some are not answered, also where the client \
     reads at once. What one recv gives may end anywhere, also inside a message: keep it until \
     the rest has come."
);

const WAITING_SEND: &str = text!(
    "While the client does not read, the server's send has to wait. Without sendall, or with a \
     socket that does not block or has a time-out, send takes a part, and the rest of the answer \
     is lost."
);

/// `seq 1 last` and its output.
fn seq(last: usize) -> Exchange {
    let output = (1..=last).fold(String::new(), |mut out, number| {
        _ = writeln!(out, "{number}");
        out
    });
    Exchange {
        line: String::new(),
        request: format!("seq 1 {last}").into_bytes(),
        answer: output.into_bytes(),
        shown: String::new(),
    }
}

/// So many bytes of letters.
fn letters(count: usize) -> Vec<u8> {
    b"abcdefghij".iter().copied().cycle().take(count).collect()
}

fn ask_for(server: &Server, exchange: &Exchange) -> Outcome {
    server.setting().speech().ask(&mut server.connect()?, exchange)
}

/// How long a message is that fills a buffer of this size, without what frames it or with it: which of
/// the two is received at once, nobody knows but the program.
fn filling(carrier: &Carrier, buffer: usize) -> Vec<usize> {
    let framed = buffer.saturating_sub(carrier.head(&letters(buffer)) + carrier.tail());
    if framed == buffer { vec![buffer] } else { vec![buffer, framed] }
}

fn as_long_as_a_buffer(server: &Server) -> Outcome {
    let speech = server.setting().speech();
    let (request, answer) = (speech.request(), speech.answer());
    for length in BUFFERS.into_iter().filter(|&it| request.holds(it) && answer.holds(it)) {
        for exact in filling(&request, length) {
            let ask = |count| -> Outcome {
                speech.ask(&mut server.connect()?, &speech.of_bytes(&letters(count)))
            };
            let Err(failure) = ask(exact) else { continue };
            // Whether one byte less is answered tells a buffer that is filled from one that is small.
            let is_filled = server.record().quietly(|| ask(exact - 1)).is_ok();
            let hint = match is_filled {
                true => t!(
                    "A message of exactly %{length} bytes is not answered, and one of %{shorter} \
                     is. Does the server take a recv that is shorter than its buffer for the end \
                     of a message? Then one that fills the buffer has no end. How much a recv \
                     returns says nothing about messages.",
                    length = length,
                    shorter = length - 1
                )
                .into_owned(),
                false => t!(
                    "A message of %{length} bytes is not answered, and one of %{shorter} neither. \
                     Is the buffer of recv smaller than that, and the rest of the message lost?",
                    length = length,
                    shorter = length - 1
                )
                .into_owned(),
            };
            return Err(failure).hint(FailureKind::Timeout, &hint);
        }
    }
    Ok(())
}

fn large(server: &Server) -> Outcome {
    let speech = server.setting().speech();
    let exchange = speech.of_bytes(&letters(LARGE));
    let hint = text!(
        "Some bytes are lost. send may take less than all of what it is given: use sendall. And \
         one recv is not all that was sent."
    );
    let mut stream = server.connect()?;
    let came = match speech.is_stream() {
        true => stream.send_and_expect(&exchange.request, &exchange.answer),
        false => speech.ask(&mut stream, &exchange),
    };
    came.hint(FailureKind::Timeout, hint).hint(FailureKind::Closed, LIMIT)
}

const LIMIT: &str = text!(
    "The server closes the connection over a message of 100,000 bytes. If that is more than it \
     means to take, its limit is lower than most; if not, an error has ended it."
);

/// Much is asked for, while nothing of the answers is taken.
fn slow_reader(server: &Server) -> Outcome {
    let speech = server.setting().speech();
    let (request, answer) = (speech.request(), speech.answer());
    let length = [60_000, 8000, 200].into_iter().find(|&it| request.holds(it) && answer.holds(it));
    let exchange = speech.of_bytes(&letters(length.unwrap_or(100)));
    let count = MORE_THAN_BUFFERS / exchange.request.len().max(1000);
    let ask = |count: usize, pause: Duration| -> Outcome {
        let requests = request.encode(&exchange.request).repeat(count);
        server.connect()?.send_while(&requests, |stream| {
            stream.pause(pause);
            match speech.is_stream() {
                true => stream.expect_much(&exchange.answer.repeat(count)),
                false => expect_each(&speech, stream, &exchange, count),
            }
        })
    };
    let Err(failure) = ask(count, Duration::from_millis(300)) else { return Ok(()) };
    // The same with a reader that does not wait tells what is lost in send from what is lost in recv.
    let is_read = server.record().quietly(|| ask(count.div_ceil(8), Duration::ZERO)).is_ok();
    Err(failure).hint_any(if is_read { WAITING_SEND } else { LOST_IN_RECV })
}

/// Expects this answer so many times. How many have come is not the same twice, and is not told.
fn expect_each(
    speech: &Speech<'_>,
    stream: &mut ProbeStream,
    exchange: &Exchange,
    count: usize,
) -> Outcome {
    let mut each = (0..count).map(|_| stream.quietly(|stream| speech.expect(stream, exchange)));
    each.find_map(Result::err).map_or(Ok(()), |failure| {
        let actual = match failure.kind {
            FailureKind::Closed => text!("less, then the connection was closed").to_owned(),
            FailureKind::Timeout => text!("less, and nothing more").to_owned(),
            _ => failure.actual,
        };
        let size = exchange.answer.len();
        let expected = match count {
            1 => t!("an answer of %{size} bytes", size = size),
            _ => t!("%{count} answers of %{size} bytes", count = count, size = size),
        };
        let expected = expected.into_owned();
        Err(Failure { expected, actual, hint: None, ..failure })
    })
}

fn much_error(server: &Server) -> Outcome {
    let speech = server.setting().speech();
    // Each name that is not there costs a line of errors, and 2000 of them more than a pipe holds.
    let names: String = (0..2000).fold(String::new(), |mut out, number| {
        _ = write!(out, " no-such-file-of-the-judge-{number}");
        out
    });
    let mut stream = server.connect()?;
    speech.request().send(&mut stream, format!("ls{names}").as_bytes())?;
    let answer = speech.receive_answer(&mut stream).hint(FailureKind::Timeout, PIPES)?;
    if answer.len() <= 65536 {
        let wanted = text!("an answer of more than 64 KiB: what `ls` prints on standard error");
        let actual = show::bytes(&answer);
        return Err(Failure::new(FailureKind::Mismatch, wanted, actual))
            .hint_any(text!("What a command prints on standard error belongs to the answer."));
    }
    ask(server, &mut stream, 1, "hi")
}

fn long_answer(server: &Server) -> Outcome {
    let mut stream = server.connect()?;
    server.setting().speech().ask(&mut stream, &seq(1000)).hint(
        FailureKind::Timeout,
        text!("The answer is cut: send all of it, whatever its length."),
    )?;
    ask(server, &mut stream, 1, "hi").hint_any(text!(
        "What is left of a long answer is taken for the answer to the next command."
    ))
}

fn long_line(client: &Client) -> Outcome {
    let speech = client.setting().speech();
    let exchange = speech.of_word(&"abcdefghij".repeat(500));
    let mut accepted = client.start()?;
    client.types(&exchange.line);
    speech.expect_request(&mut accepted.stream, &exchange).map_err(|failure| {
        let cut = text!(
            "The client sends the start of the line and waits for an answer to it: it has room \
             for less than a line. Read on until the new line, and send all of it."
        );
        let hint = if failure.is_begun { Some(cut.to_owned()) } else { failure.hint.clone() };
        Failure { hint, ..failure }
    })
}

/// 3,000 bytes or so of words, so that no recv of 1024 holds them.
fn long_text() -> String {
    let words: Vec<String> = (1..=600).map(|number| format!("w{number}")).collect();
    words.join(" ")
}

/// The client has asked, and is sent a long answer, which it is to show so.
fn sent_long(client: &Client) -> Result<(AcceptedClient<'_>, String), Failure> {
    let speech = client.setting().speech();
    let exchange = match speech.is_stream() {
        // A client may know how long an answer is by its own request.
        true => speech.of_word(&long_text()),
        false => {
            let end = if speech.is_command() { "\n" } else { "" };
            let answer = format!("{}{end}", long_text()).into_bytes();
            Exchange { answer, shown: long_text(), ..speech.exchange(0, "long") }
        }
    };
    let mut accepted = asks(client, &exchange)?;
    speech.answer().send(&mut accepted.stream, &exchange.answer)?;
    Ok((accepted, exchange.shown))
}

pub(crate) fn shows_long(client: &Client) -> Outcome {
    let (_accepted, shown) = sent_long(client)?;
    client.shows(&shown).hint_any(match client.setting().speech().is_stream() {
        true => {
            text!(
                "The client takes one recv for the whole answer, and it got the first piece. This \
                 answer is as long as its question: call recv until so many bytes are there."
            )
        }
        false => {
            text!(
                "The client does not show the whole answer. One recv returns at most what it is \
                 asked for, and at least one byte: call it until all of the answer is there, keep \
                 every piece, and show them together."
            )
        }
    })
}

pub(crate) fn left_over(client: &Client) -> Outcome {
    let (mut accepted, _) = sent_long(client)?;
    client.shows("w1 w2 w3").hint_any(text!("The client does not show the answer."))?;
    exchange(client, &mut accepted.stream, 1, "short").hint(
        FailureKind::Mismatch,
        text!(
            "What was left of the long answer was taken for the answer to the next command, and \
             its own answer is not shown."),
    )
    .hint_any(text!(
        "After a long answer the client goes on with neither the next request nor its answer."))
}

fn answers_as_long_as_a_buffer(client: &Client) -> Outcome {
    let speech = client.setting().speech();
    let carrier = speech.answer();
    for length in BUFFERS.into_iter().filter(|&it| carrier.holds(it)) {
        let mut accepted = asked(client, "long")?;
        for exact in filling(&carrier, length) {
            speech.answer().send(&mut accepted.stream, &letters(exact))?;
            let next = speech.exchange(1, "next");
            client.types(&next.line);
            speech.expect_request(&mut accepted.stream, &next).hint(
                FailureKind::Timeout,
                &t!(
                    "After an answer of exactly %{length} bytes the client asks no more. Does it \
                     take a recv that is shorter than its buffer for the end? How much a recv \
                     returns says nothing about messages.",
                    length = length
                ),
            )?;
        }
    }
    Ok(())
}
