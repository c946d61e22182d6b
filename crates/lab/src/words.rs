//! What the bench has to say of settings that cannot be played, in the reader's language.

use compare::bench::{MAX_BYTES, MAX_MESSAGES, SettingsError};
use rust_i18n::t;

/// What is wrong, and what may be written.
pub(crate) fn settings_error(error: &SettingsError) -> String {
    let words = match error {
        SettingsError::NoMessage => t!("there is no message to send"),
        SettingsError::TooManyMessages(count) => {
            t!(
                "%{count} messages are too many to look at: the most is %{most}",
                count = count,
                most = MAX_MESSAGES
            )
        }
        SettingsError::TooManyBytes(count) => {
            t!(
                "%{count} bytes are too many to look at: the most is %{most} in all",
                count = count,
                most = MAX_BYTES
            )
        }
        SettingsError::NotHex(text) => {
            t!("“%{text}” is not an even number of hexadecimal digits, such as 68 69", text = text)
        }
        // These are wire's own words, which name what may be written.
        SettingsError::Framing(words) => t!("no such framing: %{words}", words = words),
        SettingsError::DoesNotFit { framing, reason } => {
            t!(
                "the framing %{framing} cannot carry these messages: %{reason}",
                framing = framing,
                reason = reason
            )
        }
        SettingsError::Reads => {
            t!("the sizes of the recv calls are numbers from 1, with commas between them")
        }
        SettingsError::Cuts => t!("the places to cut at are numbers, with commas between them"),
        SettingsError::Loss => t!("a loss is a percentage from 0 to 100"),
    };
    words.into_owned()
}
