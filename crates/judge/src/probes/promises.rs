//! Topic `promises`: what a server does beyond its protocol. The judge cannot know of it unless it is told,
//! with `--promise`.

use std::time::{Duration, Instant};

use language::text;
use rust_i18n::t;

use super::serving::{NEXT_CLIENT, answered, ask, has_second, still_serves};
use crate::failure::{FailureKind, Hint, Outcome};
use crate::probe::{Probe, server};
use crate::server::Server;
use crate::setting::{Promise, Setting};

/// How long a place that was given back may still be taken, looked at so often.
const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// What a server has promised.
pub(crate) fn of_servers() -> Vec<Probe> {
    vec![
        server(
            "promises/clients",
            "Who finds no room is told so, and finds some when one has left.",
            one_too_many,
        )
        .when(|s| has_second(s) && clients(s).is_some()),
        server("promises/silence", "A client that says nothing is sent away in time.", silent)
            .when(|s| has_second(s) && silence(s).is_some()),
        server("promises/ctrl-c", "On Ctrl-C the server ends in order.", ends_on_ctrl_c)
            .when(|s| cfg!(unix) && has_second(s) && s.promises.contains(&Promise::CtrlC)),
    ]
}

/// How many clients are served at once.
fn clients(setting: &Setting) -> Option<usize> {
    setting.promises.iter().find_map(|promise| match promise {
        Promise::Clients(count) => Some(*count),
        _ => None,
    })
}

/// After how long a client that says nothing is sent away.
fn silence(setting: &Setting) -> Option<Duration> {
    setting.promises.iter().find_map(|promise| match promise {
        Promise::Silence(time) => Some(*time),
        _ => None,
    })
}

fn one_too_many(server: &Server) -> Outcome {
    let count = clients(server.setting()).unwrap_or_default();
    let arrive = || {
        let client = answered(server);
        server.record().renew();
        client
    };
    server.record().add(
        None,
        t!("%{count} clients connect, and are answered", count = count).into_owned(),
        "",
    );
    let inside =
        server.record().quietly(|| (0..count).map(|_| arrive()).collect::<Result<Vec<_>, _>>());
    let mut inside = inside
        .hint_any(text!("The server has promised room for more clients than it serves at once."))?;
    let mut outside = server.connect()?;
    outside
        .receive_some(text!("a line that says that there is no room"))
        .map(drop)
        .hint(
            FailureKind::Timeout,
            text!(
                "One client more than there is room for is taken in, or left to wait without a \
                 word. Count those who are served; send the next one a line, and close its \
                 connection."
            ),
        )
        .hint(
            FailureKind::Closed,
            text!(
                "The server hangs up on a client for whom there is no room, and says nothing: to \
                 that client it looks broken. Send a line first."
            ),
        )?;
    outside.expect_gone_at_last().map(drop).hint(
        FailureKind::Timeout,
        text!("Who was told that there is no room waits for the end: close the connection."),
    )?;
    if let Some(mut first) = inside.pop() {
        ask(server, &mut first, 1, "again")
            .hint_any(text!("Who has a place keeps it, whoever else is sent away."))?;
        first.close();
    }
    finds_room(server)
}

/// A place that was given back is found, as soon as the server knows of it. How often that is tried is not the
/// same in each run, and is not told.
fn finds_room(server: &Server) -> Outcome {
    let deadline = server.record().deadline();
    let mut served = still_serves(server);
    loop {
        if served.is_ok() || Instant::now() > deadline {
            return served.hint_any(text!(
                "One client has left, and the next one is still sent away. Give a place back \
                 whenever a conversation ends, also if it ends with an error."
            ));
        }
        std::thread::sleep(POLL_INTERVAL);
        served = server.record().quietly(|| still_serves(server));
    }
}

fn silent(server: &Server) -> Outcome {
    let time = silence(server.setting()).unwrap_or_default();
    let mut silent = server.connect()?;
    let mut talks = answered(server)?;
    // In the end one and a half of that time is over.
    for number in 1..=3 {
        talks.pause(time / 2);
        ask(server, &mut talks, number, "still-here").hint(
            FailureKind::Closed,
            text!("The client talks, and is sent away: its time begins anew with each request."),
        )?;
    }
    silent.expect_gone_at_last().map(drop).hint(
        FailureKind::Timeout,
        text!(
            "A client that says nothing keeps its place for ever, and so does one whose cable was \
             pulled. Give each wait for a request an end (in Python settimeout), and close the \
             connection then."
        ),
    )?;
    drop(talks);
    still_serves(server).hint_any(NEXT_CLIENT)
}

fn ends_on_ctrl_c(server: &Server) -> Outcome {
    let mut client = answered(server)?;
    server.presses_ctrl_c()?;
    client.expect_gone().hint(
        FailureKind::Timeout,
        text!(
            "On Ctrl-C the server runs on, or waits for a client that says nothing. Stop \
             accepting, and let no conversation keep the program alive (in Python daemon=True)."
        ),
    )?;
    server.ends_in_order().hint_any(text!(
        "Ctrl-C is how a server is ended, and no error. Catch it (in Python KeyboardInterrupt \
         around accept, in Rust the crate ctrlc), and end with the status 0."
    ))
}
