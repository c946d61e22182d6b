//! Topic `answers`: each request gets its own.

use std::time::Duration;

use language::text;

use super::serving::{
    ask, asked, exchange, frames_answers, frames_requests, has_answers, has_second, is_command,
    send_answer,
};
use crate::client::Client;
use crate::failure::{FailureKind, Hint, Outcome};
use crate::probe::{Probe, client, server};
use crate::server::Server;
use crate::setting::{Service, Setting};

/// A pause after which a program that waits for nothing would have gone on.
const PAUSE: Duration = Duration::from_millis(300);

/// What a server answers.
pub(crate) fn of_servers() -> Vec<Probe> {
    vec![
        server("answers/first", "A request is answered.", first).when(has_answers),
        server("answers/again", "One connection carries request after request.", again)
            .when(has_second),
        server("answers/after-a-pause", "A client may be silent for a while.", |s| {
            let mut stream = s.connect()?;
            stream.pause(PAUSE);
            ask(s, &mut stream, 0, "hello").hint(
                FailureKind::Closed,
                text!("The server gives a client less than 300 ms to say something."),
            )
        })
        .when(has_answers),
        server("answers/no-output", "A command without output is answered too.", no_output)
            .when(is_command),
        server("answers/unknown-command", "A command that cannot be run is answered.", |s| {
            unknown_command(s)
        })
        .when(is_command),
        server("answers/empty-request", "An empty request is answered too.", empty_request).when(
            |s| has_second(s) && frames_requests(s) && frames_answers(s) && s.speech().has_words(),
        ),
        server(
            "answers/greeting",
            "Who connects is greeted, and then the connection ends.",
            greets,
        )
        .when(is_greeting),
        server("answers/greeting-again", "The next who connects is greeted too.", |s| {
            greets(s)?;
            greets(s).hint_any(super::serving::NEXT_CLIENT)
        })
        .when(is_greeting),
    ]
}

/// What a client does with answers.
pub(crate) fn of_clients() -> Vec<Probe> {
    vec![
        client("answers/after-a-pause", "An answer that takes 300 ms is waited for.", |c| {
            let mut accepted = asked(c, "hello")?;
            accepted.stream.pause(PAUSE);
            send_answer(c, &mut accepted.stream, "hello")?;
            c.shows(&c.setting().speech().exchange(0, "hello").shown)
        })
        .when(has_answers),
        client("answers/empty", "After an empty answer the client asks on.", empty_answer)
            .when(|s| frames_answers(s) && s.speech().has_words() && has_second(s)),
        client("answers/greeting", "A greeting is shown, also when it comes in two pieces.", |c| {
            hears_greeting(c)
        })
        .when(is_greeting),
    ]
}

/// The server speaks, and the client is silent.
fn is_greeting(setting: &Setting) -> bool {
    setting.service == Service::Greet
}

fn first(server: &Server) -> Outcome {
    let mut stream = server.connect()?;
    ask(server, &mut stream, 0, "hello")
        .explain(|failure| {
            failure.is_begun.then(|| text!(
                "The answer begins, and does not go on in time.").to_owned())
        })
        .hint(FailureKind::Timeout, match server.setting().speech().request().is_framed() {
            true => {
                text!(
                    "The server takes the request and says nothing. Does it wait for more bytes \
                     than the request has, or frame it in another way?")
            }
            false => {
                text!(
                    "The server takes the connection and says nothing. Does it wait for more \
                     bytes than one message has, or for a new line? This protocol has none.")
            }
        })
        .hint(FailureKind::Closed, text!("The server hangs up instead of answering."))
        .hint(FailureKind::Mismatch, match is_command(server.setting()) {
            true => {
                text!(
                    "The answer is what the command prints on standard output, then on standard \
                     error, with its new line.")
            }
            false => text!("This is no answer to the request that was sent."),
        })
}

fn again(server: &Server) -> Outcome {
    let mut stream = server.connect()?;
    ask(server, &mut stream, 0, "one")?;
    let exchanges = server.setting().speech().exchanges().min(3);
    (1..exchanges)
        .try_for_each(|number| {
            ask(server, &mut stream, number, ["one", "two", "three"][number % 3])
        })
        .hint(
            FailureKind::Closed,
            text!(
                "The server closes after the first answer. Receive in a loop, until recv is empty."
            ),
        )
        .hint(
            FailureKind::Timeout,
            text!("The server answers once and then reads no more: recv needs a loop."),
        )
}

fn no_output(server: &Server) -> Outcome {
    let speech = server.setting().speech();
    let mut stream = server.connect()?;
    if !speech.answer().is_framed() {
        stream.send(b"true");
        let what = text!("an answer, also to a command that prints nothing");
        stream.receive_some(what).map(drop).hint_any(text!(
            "An empty send puts nothing on the wire, so the client waits for ever. Only a length \
             in front, 0 here, can say that an answer is empty: that is lesson 03."
        ))?;
        stream.rest();
        return ask(server, &mut stream, 1, "hi");
    }
    let silent = match speech.ask(&mut stream, &speech.of("true", "")) {
        // cmd, the shell of Windows, has no `true`, and says so. What prints nothing there is `rem`.
        Err(failure) if failure.actual.contains("\"'true' ") => {
            speech.ask(&mut stream, &speech.of("rem", ""))
        }
        outcome => outcome,
    };
    silent
        .hint(
            FailureKind::Timeout,
            text!(
                "An empty answer is an answer: its length, 0, has to be sent. Without it the \
                 client waits for ever."
            ),
        )
        .hint(
            FailureKind::Mismatch,
            text!("What a command prints is its answer, and this one prints nothing."),
        )?;
    ask(server, &mut stream, 1, "hi")
}

/// A command that cannot be run is answered, and the next one gets its own answer.
fn unknown_command(server: &Server) -> Outcome {
    let speech = server.setting().speech();
    let mut stream = server.connect()?;
    speech.request().send(&mut stream, b"no-such-command-of-the-judge")?;
    let said = text!("The command cannot be run, and its client has to be told why, in an answer.");
    speech.receive_answer(&mut stream).hint_any(said)?;
    if !speech.answer().is_framed() {
        // Without a length, it may come in several pieces.
        stream.rest();
    }
    ask(server, &mut stream, 1, "hi").hint_any(said)
}

fn empty_request(server: &Server) -> Outcome {
    let speech = server.setting().speech();
    let hint = text!(
        "A message of length 0 is no end of the stream. Look for the end where the length is \
         read, and not at the message."
    );
    let mut stream = server.connect()?;
    speech.request().send(&mut stream, b"")?;
    speech.receive_answer(&mut stream).map(drop).hint_any(hint)?;
    ask(server, &mut stream, 1, "hi").hint_any(hint)
}

fn greets(server: &Server) -> Outcome {
    let mut stream = server.connect()?;
    stream.expect(server.setting().text.as_bytes())?;
    stream.expect_end().hint(
        FailureKind::Timeout,
        text!("The client reads to the end of the connection: close it after the greeting."),
    )
}

fn empty_answer(client: &Client) -> Outcome {
    let speech = client.setting().speech();
    let mut accepted = asked(client, "nothing")?;
    speech.answer().send(&mut accepted.stream, b"")?;
    exchange(client, &mut accepted.stream, 1, "hi").hint_any(text!(
        "An answer of length 0 is complete as soon as its length has come: there is no byte to \
         wait for, and it is no end of the stream."
    ))
}

/// The greeting comes in two pieces.
fn hears_greeting(client: &Client) -> Outcome {
    let text = client.setting().text.clone();
    let mut accepted = client.start()?;
    accepted.stream.send_cut(text.as_bytes(), text.len() / 2);
    accepted.stream.close();
    client.shows(&text).hint_any(text!(
        "The client reads once, and shows what one recv gave. Receive until the end of the stream."
    ))
}
