//! How a client ends, or finds out that its server has: the same question in several lessons.

use crate::client::{AcceptedClient, Client};
use crate::failure::{Failure, FailureKind, Hint, Outcome};
use crate::stream::ProbeStream;

/// A client that has failed ends, and says so by its status; `endless` says why it may not end, and
/// `status` what is wrong with a status of 0.
pub(crate) fn fails(client: &Client, endless: &str, status: &str) -> Outcome {
    let ending = client.ends_at_last().hint_any(endless)?;
    if ending.is_success {
        let wanted = "that the client ends with an exit status other than 0";
        let actual = format!("it ended with {}", ending.how);
        let hint = format!("{status} In Python that is sys.exit(1), in C exit(1).");
        return Err(Failure::new(FailureKind::Mismatch, wanted, actual)).hint_any(&hint);
    }
    Ok(())
}

/// A client that has found nobody does not try for ever.
pub(crate) fn gives_up(client: &Client) -> Outcome {
    fails(
        client,
        "The client tries for ever. Say that nobody listens, and end, at the latest after a few \
         tries. (If it does, and is only slower than the judge: --patience 10s.)",
        "Who cannot connect has failed, and says so by its status.",
    )
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
            let expected = "that the client ends, or calls again";
            let actual = "it still runs, and does not call";
            Err(Failure::new(failure.kind, expected, actual)).hint_any(endless)
        }
        _ => Ok(()),
    }
}
