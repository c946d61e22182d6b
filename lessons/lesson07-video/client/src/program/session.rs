//! A film that outlives its connections. Nobody wants to start a camera again for each hiccup of a
//! network: it films on, and when there is a connection again, what is sent is the newest frame.

use endpoint::{Backoff, Retry};
use lesson07_client::SendState;

use super::failure::Failure;

/// Makes a connection with `connect` and talks over it with `talk`; and again, after a pause of
/// `backoff`, when it was lost. Each frame that arrives begins the pauses anew. `tell` is given each
/// try that failed.
///
/// # Errors
/// [`Failure::GaveUp`] after as many tries in a row as there may be, in which no frame arrived; or
/// what trying again would not help: also when there is no server, and never was. After a request to
/// stop there are none.
pub(crate) fn stay_connected<C>(
    mut connect: impl FnMut() -> Result<C, Failure>,
    mut talk: impl FnMut(C, &mut SendState<'_>) -> Result<(), Failure>,
    mut backoff: Backoff,
    state: &mut SendState<'_>,
    tell: &mut dyn FnMut(&Retry<'_, Failure>),
) -> Result<(), Failure> {
    let mut was_connected = false;
    loop {
        let before = state.sent.arrived;
        let outcome = connect().and_then(|connection| {
            was_connected = true;
            talk(connection, state)
        });
        state.disconnected();
        let Err(error) = outcome else { return Ok(()) };
        if state.stop.is_requested() {
            return Ok(());
        }
        if state.sent.arrived > before {
            backoff.reset();
        }
        // Where there never was a connection, nothing broke that could be mended by waiting.
        if !was_connected || !error.is_passing() || backoff.limit() == 0 {
            return Err(error);
        }
        let Some(retry) = backoff.retry(&error, "calling") else {
            return Err(Failure::GaveUp { tries: backoff.limit(), last: Box::new(error) });
        };
        tell(&retry);
        retry.wait(state.stop);
    }
}
