//! What a person reads when a film has ended before its time, and whether it pays to call again.

use language::text;
use lesson07_client::Error;

/// Why a film was not sent to its end, with what to do next.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// There is no connection.
    #[error("{0}")]
    Connect(#[from] endpoint::Error),
    /// The film itself, or a conversation about it, has failed.
    #[error("{}{}{}", .0, waited(.0), advice(.0))]
    Film(#[from] Error),
    /// As many tries in a row as there may be were in vain.
    #[error("gave up after --retries {tries}: {last}")]
    GaveUp {
        /// The number of tries after the first.
        tries: u32,
        /// Why the last try failed.
        #[source]
        last: Box<Failure>,
    },
}

impl Failure {
    /// Whether another try may go better: the server, or its network, may come back.
    pub(crate) fn is_passing(&self) -> bool {
        match self {
            Failure::Connect(error) => error.is_passing(),
            Failure::Film(error) => matches!(error, Error::Ended | Error::Broken(_)),
            Failure::GaveUp { .. } => false,
        }
    }
}

/// How long was waited in vain, and the option that makes it longer.
fn waited(error: &Error) -> String {
    match error {
        Error::Silent(expired) => format!(": {}", console::describe(expired)),
        _ => String::new(),
    }
}

/// What to look at next.
fn advice(error: &Error) -> String {
    let advice = match error {
        Error::Ended => text!(
            "was it stopped, did it refuse a frame (its terminal says why), or does it speak another --dialect?"
        ),
        Error::Broken(_) => text!(
            "was the server stopped, did it refuse a frame (its terminal says why), or does it speak another \
             --dialect?"
        ),
        Error::Silent(_) => text!("it shows one film at a time, and may be showing another's"),
        Error::OutOfTurn(_) => text!("is it lesson 07's server?"),
        Error::MoreFollows { .. } | Error::NotOk { .. } => console::WRONG_PEER_HINT,
        _ => return String::new(),
    };
    format!("; {advice}")
}
