//! Topic `crowds`: many clients, one after the other and at once.

use std::thread;
use std::time::Duration;

use language::text;
use rust_i18n::t;

use super::serving::{
    NEXT_CLIENT, STUCK, answered, ask, expect, has_answers, has_second, is_command, request,
    still_serves,
};
use crate::carrier::Carrier;
use crate::failure::{Failure, FailureKind, Hint, Outcome};
use crate::probe::{Probe, server};
use crate::server::Server;
use crate::stream::ProbeStream;

/// More clients, one after the other, than a table or a pool has places that are never freed.
const MANY_IN_TURN: usize = 300;

/// What every server owes those who come: each is served in the end.
pub(crate) fn in_turn() -> Vec<Probe> {
    vec![
        server(
            "crowds/second-waits",
            "A second client is served, at the latest after the first.",
            second,
        )
        .when(has_second),
        server("crowds/five-wait", "Five clients that call at once are all served.", five_wait)
            .when(has_answers),
        server("crowds/300-in-turn", "300 clients, one after the other, are all served.", |s| {
            (0..MANY_IN_TURN).try_for_each(|number| {
                still_serves(s).map_err(|failure| Failure {
                    hint: failure.hint.filter(|_| number < 20).or_else(|| Some(TABLE.to_owned())),
                    ..failure
                })
            })
        })
        .when(has_answers),
    ]
}

/// What a server owes that serves many at once.
pub(crate) fn at_once() -> Vec<Probe> {
    vec![
        server(
            "crowds/one-is-silent",
            "While one client is silent, the next one is served.",
            |s| {
                let mut silent = s.connect()?;
                serves_beside(s, ONE_AT_A_TIME)?;
                ask(s, &mut silent, 0, "at-last")
            },
        ),
        server(
            "crowds/one-is-slow",
            "While one client is slow to ask, the next one is served.",
            slow,
        )
        .when(|s| s.speech().can_cut_requests()),
        server(
            "crowds/one-does-not-read",
            "While one client does not read, the next one is served.",
            reads_nothing,
        ),
        server(
            "crowds/five-in-turn",
            "Five clients that talk in turn get their own answers.",
            five_talk,
        ),
        server(
            "crowds/hundred-at-once",
            "A hundred clients that call at once are all served.",
            |s| at_the_same_time(s, 100),
        ),
        server("crowds/300-at-once", "300 clients that call at once are all served.", |s| {
            at_the_same_time(s, 300)
        }),
        server("crowds/one-resets", "A client's reset does not touch the others.", |s| {
            others_go_on(s, ProbeStream::reset)
        }),
        server("crowds/one-leaves", "A client's end does not touch the others.", |s| {
            others_go_on(s, ProbeStream::close)
        }),
        server(
            "crowds/twenty-resets",
            "Twenty resets before an answer was read do no harm.",
            |s| {
                for _ in 0..20 {
                    let mut stream = s.connect()?;
                    stream.send(&request(s, "unheard"));
                    stream.wait_until_taken();
                    stream.reset();
                }
                still_serves(s)
            },
        ),
        server(
            "crowds/one-sends-no-text",
            "A request that is no text does not touch the others.",
            no_text,
        ),
    ]
}

const TABLE: &str = text!(
    "After so many clients the server serves no more of them, though all have left. What it keeps \
     of each has to be given back when that one has gone: a place in a table, a thread, an open \
     socket."
);

const ONE_AT_A_TIME: &str = text!(
    "The server serves one client at a time, and the others wait until that one has left. Give \
     each client a thread (in Python socketserver.ThreadingTCPServer), or wait for all of them at \
     once (selectors)."
);

const MIXED: &str = text!(
    "One client's answer goes to another. What belongs to one client may not be in a variable \
     that all of the threads share."
);

const EMPTY_RECV: &str = text!(
    "An empty recv is the end of the stream: leave the loop there, and close the connection. Who \
     goes on has a thread that never ends, for each client that has left."
);

fn second(server: &Server) -> Outcome {
    let mut first = answered(server)?;
    let mut second = server.connect()?;
    let is_announced = matches!(server.setting().speech().request(), Carrier::Announced { .. });
    if !is_announced {
        second.send(&request(server, "second"));
    }
    ask(server, &mut first, 1, "again")
        .hint_any(text!("A second client that calls must not disturb the first."))?;
    first.close();
    match is_announced {
        true => ask(server, &mut second, 0, "second"),
        false => expect(server, &mut second, "second"),
    }
    .hint(FailureKind::Timeout, STUCK)
    .hint_any(NEXT_CLIENT)
}

fn five_wait(server: &Server) -> Outcome {
    let streams = (0..5).map(|_| server.connect()).collect::<Result<Vec<_>, _>>()?;
    // A server that serves one at a time comes to each of them when the one before has left.
    for (number, mut stream) in streams.into_iter().enumerate() {
        ask(server, &mut stream, 0, &format!("client-{number}"))
            .hint(FailureKind::Timeout, STUCK)
            .hint_any(NEXT_CLIENT)?;
        stream.close();
    }
    Ok(())
}

/// Another client is served while somebody keeps the server busy.
fn serves_beside(server: &Server, hint: &str) -> Outcome {
    let mut next = server.connect()?;
    ask(server, &mut next, 0, "next")
        .hint(FailureKind::Timeout, hint)
        .hint(FailureKind::Mismatch, MIXED)?;
    next.close();
    Ok(())
}

fn slow(server: &Server) -> Outcome {
    let whole = request(server, "slowly");
    let (start, rest) = whole.split_at(server.random(1, whole.len()));
    let mut slow = server.connect()?;
    slow.send(start);
    slow.wait_until_taken();
    serves_beside(server, ONE_AT_A_TIME)?;
    slow.send(rest);
    expect(server, &mut slow, "slowly").hint(FailureKind::Mismatch, MIXED)
}

/// One client asks for more than the buffers hold, and takes none of it.
fn reads_nothing(server: &Server) -> Outcome {
    let speech = server.setting().speech();
    let mut stuck = server.connect()?;
    match is_command(server.setting()) {
        true => stuck.send(&speech.request().encode(b"seq 1 1500000")),
        false => {
            let one = request(server, "unread");
            _ = stuck.send_until_full(&one.repeat((96 << 20) / one.len().max(1)));
        }
    }
    serves_beside(
        server,
        text!(
            "A client that does not read fills the buffers, and send waits. That may hold up its \
             own thread, and nobody else. In one loop for all clients, ask before each send \
             whether there is room."
        ),
    )?;
    stuck.reset();
    still_serves(server)
}

fn five_talk(server: &Server) -> Outcome {
    let mut streams = (0..5).map(|_| server.connect()).collect::<Result<Vec<_>, _>>()?;
    for round in 1..=3 {
        let word = |number: usize| format!("client-{number}-question-{round}");
        for (number, stream) in streams.iter_mut().enumerate() {
            stream.send(&request(server, &word(number)));
        }
        for (number, stream) in streams.iter_mut().enumerate().rev() {
            // Whose answer comes where is not the same twice.
            server
                .record()
                .quietly(|| expect(server, stream, &word(number)))
                .map_err(mixed_up)
                .hint(FailureKind::Timeout, ONE_AT_A_TIME)
                .hint(FailureKind::Mismatch, MIXED)?;
        }
        server.record().add(None, text!("receive each answer"), "");
    }
    Ok(())
}

/// The failure without the answer that has come: it may be anybody's.
fn mixed_up(failure: Failure) -> Failure {
    match failure.kind {
        FailureKind::Mismatch => Failure {
            expected: text!("each client's answer to its own question").to_owned(),
            actual: text!("something else, for one of them").to_owned(),
            ..failure
        },
        _ => failure,
    }
}

fn at_the_same_time(server: &Server, count: usize) -> Outcome {
    server.record().add(None, t!("%{count} clients connect", count = count).into_owned(), "");
    let connect = |_| {
        // Less than a short accept queue holds is there at once.
        thread::sleep(Duration::from_millis(2));
        server.connect()
    };
    // Which of them does not get in, if any does not, depends on a microsecond.
    let mut streams = server
        .record()
        .quietly(|| (0..count).map(connect).collect::<Result<Vec<_>, _>>())
        .map_err(|failure| Failure { hint: None, ..failure })
        .hint_any(text!(
            "The accept queue is full: the server takes its clients too slowly from it, or the \
             queue is short (listen(5); in Python's socketserver that is request_queue_size)."
        ))?;
    let word = |number: usize| format!("client-{number}");
    for (number, stream) in streams.iter_mut().enumerate() {
        stream.send(&request(server, &word(number)));
    }
    // A pool of threads comes to the last ones when the first have left.
    for (number, mut stream) in streams.into_iter().enumerate() {
        let served = expect(server, &mut stream, &word(number));
        served
            .map_err(|failure| Failure {
                hint: failure.hint.filter(|_| failure.kind == FailureKind::Mismatch),
                ..failure
            })
            .hint(FailureKind::Timeout, EMPTY_RECV)
            .hint(
                FailureKind::Mismatch,
                text!(
                    "The server turns clients away. A pool of threads needs a queue for those who \
                     come while all threads are busy."
                ),
            )
            .hint_any(if number < 200 { NEXT_CLIENT } else { TABLE })?;
        stream.close();
    }
    Ok(())
}

/// Three clients talk, and the one in the middle leaves so.
fn others_go_on(server: &Server, leave: fn(ProbeStream)) -> Outcome {
    let mut streams = [server.connect()?, server.connect()?, server.connect()?];
    for stream in &mut streams {
        ask(server, stream, 0, "before").hint(FailureKind::Timeout, ONE_AT_A_TIME)?;
    }
    let [mut first, middle, mut last] = streams;
    leave(middle);
    ask(server, &mut first, 1, "after").hint_any(NEXT_CLIENT)?;
    ask(server, &mut last, 1, "after").hint_any(NEXT_CLIENT)?;
    still_serves(server)
}

fn no_text(server: &Server) -> Outcome {
    let speech = server.setting().speech();
    let mut other = server.connect()?;
    ask(server, &mut other, 0, "before")?;
    let mut stream = server.connect()?;
    let request: &[u8] = if speech.is_command() { b"echo \xff\xfe\x80" } else { b"\xff\xfe\x80" };
    stream.send(&speech.request().encode(request));
    // Any answer will do, and so will an end.
    _ = stream.expect_silence();
    stream.close();
    let hint = text!(
        "What a client sends may be anything, also no text: that is this client's trouble, and \
         nobody else's."
    );
    ask(server, &mut other, 1, "after").hint_any(hint)?;
    still_serves(server).hint_any(hint)
}
