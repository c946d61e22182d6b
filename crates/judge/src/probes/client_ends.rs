//! How a client ends, or finds out that its server has: the same question in several lessons.

use language::text;
use rust_i18n::t;

use crate::client::{AcceptedClient, Client};
use crate::failure::{Failure, FailureKind, Hint, Outcome};
use crate::stream::ProbeStream;

/// A client that has failed ends, and says so by its status; `endless` says why it may not end, and
/// `status` what is wrong with a status of 0.
pub(crate) fn fails(client: &Client, endless: &str, status: &str) -> Outcome {
    let ending = client.ends_at_last().hint_any(endless)?;
    if ending.is_success {
        let wanted = text!("that the client ends with an exit status other than 0");
        let actual = t!("it ended with %{how}", how = ending.how).into_owned();
        let hint =
            t!("%{status} In Python that is sys.exit(1), in C exit(1).", status = t!(status))
                .into_owned();
        return Err(Failure::new(FailureKind::Mismatch, wanted, actual)).hint_any(&hint);
    }
    Ok(())
}

/// The condition for a program that should give up by itself.
const SLOWER: &str = text!("If it does all that, and is only slower than the judge");

/// Why a client never ends whose datagrams nobody answers.
pub(crate) fn for_ever(client: &Client) -> String {
    let endless = t!(
        "The client waits for ever: a datagram, or its answer, may be lost, and nobody says so. \
         Give the wait an end (settimeout), ask again, and give up after a few tries."
    );
    endless.into_owned() + &client.record().more_patience(SLOWER)
}

/// A client whose datagrams nobody answers gives up in the end, and says so by its status.
pub(crate) fn finds_no_answer(client: &Client) -> Outcome {
    let status = text!("Who gets no answer has failed, and says so by its status.");
    fails(client, &for_ever(client), status)
}

/// A client that has found nobody does not try for ever.
pub(crate) fn gives_up(client: &Client) -> Outcome {
    let endless = t!(
        "The client tries for ever. Say that nobody listens, and end, at the latest after a few \
         tries."
    );
    let endless = endless.into_owned() + &client.record().more_patience(SLOWER);
    fails(client, &endless, text!("Who cannot connect has failed, and says so by its status."))
}

/// After `leave`, which ends the connection, the client finds out: it ends, or calls again.
/// `endless` says why it may not.
pub(crate) fn finds_out(
    client: &Client,
    accepted: AcceptedClient<'_>,
    leave: impl FnOnce(ProbeStream),
    endless: &str,
) -> Outcome {
    let (stream, listener) = accepted.split();
    leave(stream);
    match client.record().quietly(|| listener.call()) {
        Err(failure) if failure.kind != FailureKind::Closed => {
            let expected = text!("that the client ends, or calls again");
            let actual = text!("it still runs, and does not call");
            Err(Failure::new(failure.kind, expected, actual)).hint_any(endless)
        }
        _ => Ok(()),
    }
}

/// The same for a client that reads lines: its input ends too, since it may say that the server has gone,
/// and prompt again.
pub(crate) fn finds_out_at_its_prompt(
    client: &Client,
    accepted: AcceptedClient<'_>,
    leave: fn(ProbeStream),
    endless: &str,
) -> Outcome {
    let leave = |stream| {
        leave(stream);
        client.ends_input();
    };
    finds_out(client, accepted, leave, endless)
}
