//! What the plain data of a comparison is called in the reader's language.

use std::sync::Once;

use language::Language;
use rust_i18n::t;
use trace::{Action, text};

use crate::comparison::{Badge, CLIENT, Code, NO_ANSWER, ReadError};

/// Whose code it is, and what that does: `BROKEN lesson02: no length`.
pub fn code(code: &Code) -> String {
    let words = what_code_does(code, language::spoken());
    match code.badge {
        Some(it) => format!("{} {words}", badge(it)),
        None => words,
    }
}

/// The same without what is to be said before all else, for a reader of this language.
pub fn what_code_does(code: &Code, language: Language) -> String {
    let framing = code.framing.as_deref().unwrap_or_default();
    t!(code.words.as_str(), locale = language.name(), framing = framing).into_owned()
}

/// One of compare's texts without values, such as `BROKEN` or a scenario's title, for a reader of this
/// language; a text that compare does not have stays English.
pub fn of_compare(text: &str, language: Language) -> String {
    t!(text, locale = language.name()).into_owned()
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
pub fn read_error(error: &ReadError, language: Language) -> String {
    let locale = language.name();
    match error {
        ReadError::ShortLength(count) => {
            t!("a length, and only %{count} B of it?", locale = locale, count = count).into_owned()
        }
        ReadError::PieceOfJson => t!("a piece of a JSON header?", locale = locale).into_owned(),
        ReadError::Other(words) => of_others(words, language),
    }
}

/// What a crate says that knows no language, such as `wire`, for a reader of this language.
pub(crate) fn of_others(english: &str, language: Language) -> String {
    static KNOWN: Once = Once::new();
    KNOWN.call_once(console::add_catalogue);
    language::find_in(language.name(), english).unwrap_or_else(|| english.to_owned())
}

/// Whether a message stands for none, because a client waited for it in vain.
pub(crate) fn is_no_answer(message: &[u8]) -> bool {
    message == NO_ANSWER.as_bytes()
}
