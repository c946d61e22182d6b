//! What the plain data of a comparison is called in the reader's language.

use rust_i18n::t;
use trace::{Action, text};

use crate::comparison::{Badge, CLIENT, Code, NO_ANSWER, ReadError};

/// Whose code it is, and what that does: `BROKEN lesson02: no length`.
pub fn code(code: &Code) -> String {
    let words = t!(code.words.as_str());
    match code.badge {
        Some(it) => format!("{} {words}", badge(it)),
        None => words.into_owned(),
    }
}

/// `BROKEN` or `FIXED`.
pub fn badge(badge: Badge) -> String {
    t!(badge.name()).into_owned()
}

/// Who is at this end.
pub fn lane(lane: &str) -> String {
    if lane == CLIENT { t!("client") } else { t!("server") }.into_owned()
}

/// What happened, in a line.
pub fn action(action: &Action) -> String {
    match action {
        Action::Recv { asked, bytes } if bytes.is_empty() => {
            t!("recv(%{asked}) = 0, the end of the stream", asked = asked).into_owned()
        }
        Action::Look { held, .. } => {
            let (count, bytes) = (held.len(), text::quote(held));
            t!("has %{count} B waiting in the kernel %{bytes}", count = count, bytes = bytes)
                .into_owned()
        }
        Action::Message { bytes } if is_no_answer(bytes) => {
            t!("waits for an answer in vain").into_owned()
        }
        Action::Message { bytes } => {
            let (count, bytes) = (bytes.len(), text::quote(bytes));
            t!("message of %{count} %{bytes}", count = count, bytes = bytes).into_owned()
        }
        // Any other failure would end the play.
        Action::Failed { call, .. } => {
            t!("%{call} waits, and nothing comes", call = call).into_owned()
        }
        // What is left is what the program calls, in its own words.
        call => call.to_string(),
    }
}

/// Why a reader gave up.
pub fn read_error(error: &ReadError) -> String {
    match error {
        ReadError::ShortLength(count) => {
            t!("a length of %{count} bytes?", count = count).into_owned()
        }
        ReadError::Other(words) => words.clone(),
    }
}

/// Whether a message stands for none, because a client waited for it in vain.
pub(crate) fn is_no_answer(message: &[u8]) -> bool {
    message == NO_ANSWER.as_bytes()
}
