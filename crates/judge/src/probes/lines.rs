//! Topic `lines`: what a client does with the lines that a person types.

use language::text;

use super::serving::{exchange, has_answers, has_second, send_answer};
use crate::client::Client;
use crate::failure::{Failure, FailureKind, Hint, Outcome};
use crate::probe::{Probe, client};
use crate::setting::Service;
use crate::stream::ProbeStream;

const FOR_EACH_LINE: &str = text!(
    "The client hangs up after an answer, and connects again for the next line. Here one \
     connection carries all lines: connect before the loop, close behind it."
);

/// Lines that are typed.
pub(crate) fn of_clients() -> Vec<Probe> {
    vec![
        client("lines/first", "A line that is typed is sent, and its answer is shown.", first)
            .when(has_answers),
        client(
            "lines/one-after-the-other",
            "Each line is sent after the answer to the one before.",
            in_turn,
        )
        .when(has_second),
        client("lines/blank", "A blank line does not stop the client.", blank)
            .when(|s| s.speech().has_words() || s.service == Service::Reply),
    ]
}

fn first(client: &Client) -> Outcome {
    let mut accepted = client.start()?;
    exchange(client, &mut accepted.stream, 0, "hello")?;
    quiet(&mut accepted.stream)
}

fn in_turn(client: &Client) -> Outcome {
    let mut accepted = client.start()?;
    let count = client.setting().speech().exchanges().min(3);
    for (number, word) in ["one", "two", "three"].iter().enumerate().take(count) {
        exchange(client, &mut accepted.stream, number, word).explain(|failure| {
            let calls_again = || client.record().quietly(|| accepted.again()).is_ok();
            let hung_up = failure.kind == FailureKind::Closed;
            (hung_up && calls_again()).then(|| FOR_EACH_LINE.to_owned())
        })?;
        quiet(&mut accepted.stream)?;
    }
    Ok(())
}

/// Nothing is sent but what was typed.
fn quiet(stream: &mut ProbeStream) -> Outcome {
    stream.expect_silence().hint_any(text!(
        "More is sent than the line: a new line, or the next message before this one was answered."
    ))
}

fn blank(client: &Client) -> Outcome {
    let speech = client.setting().speech();
    let exchange = speech.exchange(0, "hello");
    let mut accepted = client.start()?;
    client.types("");
    client.types(&exchange.line);
    let hint = text!(
        "The client has sent an empty line and waits for an answer to it. Leave blank lines out: \
         without a length in front an empty message is no byte at all."
    );
    if !speech.request().is_framed() {
        speech.expect_request(&mut accepted.stream, &exchange).map_err(|failure| {
            let is_silent = failure.kind == FailureKind::Timeout;
            let hint = if is_silent { Some(hint.to_owned()) } else { failure.hint.clone() };
            Failure { hint, ..failure }
        })?;
        send_answer(client, &mut accepted.stream, "hello")?;
        return client.shows(&exchange.shown).hint_any(hint);
    }
    // With a length in front, an empty message is a message, and gets its answer.
    let first = speech.request().receive(&mut accepted.stream, None).hint_any(hint)?;
    if first.is_empty() {
        speech.answer().send(&mut accepted.stream, b"")?;
        speech.expect_request(&mut accepted.stream, &exchange).hint_any(hint)?;
    }
    send_answer(client, &mut accepted.stream, "hello")?;
    client.shows(&exchange.shown).hint_any(hint)
}
