//! Topic `reconnect`: a client whose server has gone comes back, and asks again what may be asked
//! twice.

use std::time::Duration;

use language::text;
use rust_i18n::t;

use super::serving::{asked, exchange, frames_requests, is_command, is_echo, send_answer};
use crate::client::{Client, OpenListener};
use crate::failure::{Failure, FailureKind, Hint, Outcome};
use crate::probe::{Probe, client};
use crate::stream::ProbeStream;

/// How clients come back.
pub(crate) fn of_clients() -> Vec<Probe> {
    vec![
        client("reconnect/after-an-end", "After the server's end, the client calls again.", |c| {
            comes_back(c, ProbeStream::close)
        }),
        client(
            "reconnect/after-a-reset",
            "After the server's reset, the client calls again.",
            |c| comes_back(c, ProbeStream::reset),
        ),
        client(
            "reconnect/server-is-away",
            "A server that is away for a moment is called again.",
            away,
        ),
        client("reconnect/asks-again", "A question whose answer was lost is asked again.", |c| {
            let (stream, listener) = asked(c, "hello")?.split();
            stream.reset();
            let mut stream = listener.call().hint_any(COME_BACK)?;
            let speech = c.setting().speech();
            let hello = speech.exchange(0, "hello");
            speech.expect_request(&mut stream, &hello).hint_any(text!(
                "The answer was lost, and to ask for upper case twice does no harm: ask again."
            ))?;
            send_answer(c, &mut stream, "hello")?;
            c.shows(&hello.shown)
        })
        .when(is_echo),
        client(
            "reconnect/no-command-twice",
            "A command whose answer was lost is not sent again.",
            not_twice,
        )
        .when(is_command),
        client("reconnect/pauses", "Between its tries the client pauses.", pauses),
    ]
}

const COME_BACK: &str = text!(
    "The client does not come back. A server may be restarted: notice the end (an empty recv) and \
     the reset (in Python ConnectionResetError), wait a moment, connect again, and go on."
);

/// The client calls again, and goes on: with the question that was typed while the server was away,
/// or, since it may not send a command twice, with the one after that.
fn goes_on(client: &Client, listener: &OpenListener<'_>) -> Outcome {
    let speech = client.setting().speech();
    let (second, third) = (speech.of_word("second"), speech.of_word("third"));
    client.types(&third.line);
    let mut stream = listener.call().hint_any(COME_BACK)?;
    let first = match frames_requests(client.setting()) {
        true => speech.request().receive(&mut stream, None),
        false => stream.receive_some(text!("the next question")),
    };
    let first = first.hint_any(COME_BACK)?;
    if first == second.request {
        speech.answer().send(&mut stream, &second.answer)?;
        client.shows(&second.shown)?;
        return speech.expect_request(&mut stream, &third);
    }
    if first == third.request && is_command(client.setting()) {
        return Ok(());
    }
    let wanted = text!("the question that was typed last");
    Err(Failure::new(FailureKind::Mismatch, wanted, crate::show::bytes(&first)))
        .hint_any(text!("What was typed while the server was away is lost: ask it again."))
}

/// One exchange, and then the server ends the connection so.
fn comes_back(client: &Client, end: fn(ProbeStream)) -> Outcome {
    let mut accepted = client.start()?;
    exchange(client, &mut accepted.stream, 0, "first")?;
    let (stream, listener) = accepted.split();
    end(stream);
    client.types(&client.setting().speech().of_word("second").line);
    goes_on(client, &listener)
}

fn away(client: &Client) -> Outcome {
    let mut accepted = client.start()?;
    exchange(client, &mut accepted.stream, 0, "first")?;
    let (stream, mut listener) = accepted.split();
    listener.close();
    stream.reset();
    client.types(&client.setting().speech().of_word("second").line);
    listener.open_after(Duration::from_millis(250))?;
    goes_on(client, &listener)
}

fn not_twice(client: &Client) -> Outcome {
    let speech = client.setting().speech();
    let (stream, listener) = asked(client, "once")?.split();
    stream.reset();
    let after = speech.of_word("after");
    client.types(&after.line);
    let mut stream = listener.call().hint_any(COME_BACK)?;
    speech.expect_request(&mut stream, &after).map_err(|failure| {
        let twice = failure.actual.contains("echo once");
        let hint = text!(
            "The command may have been run, and its answer lost: sent again, it is run twice. Say \
             that its answer was lost, and go on with the next one."
        );
        Failure { hint: twice.then(|| hint.to_owned()).or(failure.hint), ..failure }
    })
}

/// So many calls without a pause are no accident.
const ENOUGH: usize = 10;
/// A client that does not pause calls as often in this time, also on a busy machine.
const LONG_ENOUGH: Duration = Duration::from_secs(2);

fn pauses(client: &Client) -> Outcome {
    let (mut stream, listener) = client.start()?.split();
    client.types(&client.setting().speech().of_word("hello").line);
    stream.receive_some(text!("a question"))?;
    stream.reset();
    if listener.reset_all(ENOUGH, LONG_ENOUGH) < ENOUGH {
        return Ok(());
    }
    let actual =
        t!("%{count} calls, each at once after the one before", count = ENOUGH).into_owned();
    Err(Failure::new(FailureKind::Excess, text!("a pause before each next call"), actual)).hint_any(
        text!(
            "The client calls again at once, as fast as it can. Wait before each try, longer each \
             time: it heats its own machine, and falls upon a server that has just come back."
        ),
    )
}
