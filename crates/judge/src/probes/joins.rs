//! Topic `joins`: what one recv gives is more than one message.

use language::text;

use super::serving::{frames_answers, frames_requests, has_second, request};
use crate::failure::{FailureKind, Hint, Outcome};
use crate::probe::{Probe, server};
use crate::server::Server;
use crate::setting::Setting;

/// Requests that arrive together.
pub(crate) fn of_servers() -> Vec<Probe> {
    vec![
        server("joins/two-requests", "Two requests that arrive together are both answered.", |s| {
            two(s)
        })
        .when(can_join),
        server("joins/request-and-a-half", "A request and a half may arrive together.", |s| {
            one_and_a_half(s)
        })
        .when(can_join),
        server("joins/ten-requests", "Ten requests that arrive together are all answered.", |s| {
            many(s, 10).hint_any(LOSES)
        })
        .when(can_join),
        server("joins/stream", "Two messages that arrive together both come back.", |s| {
            let speech = s.setting().speech();
            let mut stream = s.connect()?;
            stream.send(b"helloworld");
            let came = speech.expect(&mut stream, &speech.of_word("helloworld"));
            came.hint(
                FailureKind::Timeout,
                text!(
                    "The server answers the first of two messages that arrive together, and loses \
                     the second."
                ),
            )
        })
        .when(|s| s.speech().is_stream()),
    ]
}

/// Requests can follow each other without a wait for the answer between.
fn can_join(setting: &Setting) -> bool {
    let request = setting.speech().request();
    has_second(setting)
        && frames_requests(setting)
        && frames_answers(setting)
        && request.can_be_cut()
}

const LOSES: &str = text!(
    "The server answers the first of the messages that arrive together, and loses the others. \
     Take from the stream what belongs to one message, and leave the rest for the next turn."
);

fn two(server: &Server) -> Outcome {
    many(server, 2)
        .explain(|failure| {
            let first = failure.kind == FailureKind::Mismatch;
            first.then(|| {
                text!("The server takes two messages that arrive together for one.").to_owned()
            })
        })
        .hint_any(LOSES)
}

/// So many requests with one send, and as many answers.
fn many(server: &Server, most: usize) -> Outcome {
    let speech = server.setting().speech();
    let count = speech.exchanges().min(most);
    let exchanges: Vec<_> =
        (0..count).map(|number| speech.exchange(number, &format!("word-{number}"))).collect();
    let carrier = speech.request();
    let together: Vec<_> = exchanges.iter().map(|it| carrier.encode(&it.request)).collect();
    let mut stream = server.connect()?;
    stream.send(&together.concat());
    exchanges.iter().try_for_each(|exchange| speech.expect(&mut stream, exchange))
}

fn one_and_a_half(server: &Server) -> Outcome {
    let speech = server.setting().speech();
    let (first, second) = (speech.exchange(0, "one"), speech.exchange(1, "two"));
    let bytes = speech.request().encode(&second.request);
    let (start, rest) = bytes.split_at(2.min(bytes.len()));
    let mut stream = server.connect()?;
    stream.send(&[&request(server, "one"), start].concat());
    speech.expect(&mut stream, &first).hint_any(text!(
        "A whole request has arrived, and half of the next: the whole one is to be answered now."
    ))?;
    stream.wait_until_taken();
    stream.send(rest);
    speech.expect(&mut stream, &second).hint_any(text!(
        "The first 2 bytes of the second request came with the first one, and are lost. Keep what \
         is left over until the rest has come."
    ))
}
