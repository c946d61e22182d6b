//! What compare has to say of plays, in the reader's language.

use compare::bench::{MAX_BYTES, MAX_MESSAGES, SettingsError};
use language::text;
use rust_i18n::t;

/// Whose code plays, and what it does.
const CODES: [&str; 9] = [
    text!("lesson02: no length"),
    text!("lesson03: 4-byte length"),
    text!("lesson03: recv in a loop"),
    text!("one recv(4) for a length"),
    text!("one recv = one reply"),
    text!("recv until the length is met"),
    text!("UDP: a datagram each"),
    text!("UDP: what is longer than the recv is lost"),
    text!("UDP: room for any datagram"),
];

/// What the code does whose framing stands in front of it.
const READERS: [&str; 3] =
    [text!("one recv for each part"), text!("one recv for a message"), text!("read by wire")];

/// What is wrong, and what may be written.
pub(crate) fn settings_error(error: &SettingsError, lang: &str) -> String {
    let words = match error {
        SettingsError::NoMessage => t!("there is no message to send", locale = lang),
        SettingsError::TooManyMessages(count) => {
            t!(
                "%{count} messages are too many to look at: the most is %{most}",
                locale = lang,
                count = count,
                most = MAX_MESSAGES
            )
        }
        SettingsError::TooManyBytes(count) => {
            t!(
                "%{count} bytes are too many to look at: the most is %{most} in all",
                locale = lang,
                count = count,
                most = MAX_BYTES
            )
        }
        SettingsError::NotHex(text) => {
            t!(
                "“%{text}” is not an even number of hexadecimal digits, such as 68 69",
                locale = lang,
                text = text
            )
        }
        // These are wire's own words, which name what may be written.
        SettingsError::Framing(words) => {
            t!("no such framing: %{words}", locale = lang, words = words)
        }
        SettingsError::DoesNotFit { framing, reason } => {
            t!(
                "the framing %{framing} cannot carry these messages: %{reason}",
                locale = lang,
                framing = framing,
                reason = reason
            )
        }
        SettingsError::Reads => {
            t!(
                "the sizes of the recv calls are numbers from 1, with commas between them",
                locale = lang
            )
        }
        SettingsError::Cuts => {
            t!("the places to cut at are numbers, with commas between them", locale = lang)
        }
        SettingsError::Loss => t!("a loss is a percentage from 0 to 100", locale = lang),
    };
    words.into_owned()
}

/// The code of a side.
pub(crate) fn code(code: &str, lang: &str) -> String {
    if CODES.contains(&code) {
        return t!(code, locale = lang).into_owned();
    }
    let read = READERS.iter().find_map(|reader| {
        let framing = code.strip_suffix(reader)?.strip_suffix(", ")?;
        Some(format!("{framing}: {}", t!(*reader, locale = lang)))
    });
    read.unwrap_or_else(|| code.to_owned())
}

/// Why a reader gave up. What `wire` says of a stream is English everywhere.
pub(crate) fn reader_error(error: String, lang: &str) -> String {
    let count = error.strip_prefix("a length of ").and_then(|rest| rest.strip_suffix(" bytes?"));
    match count {
        Some(count) => t!("a length of %{count} bytes?", locale = lang, count = count).into_owned(),
        None => error,
    }
}
