//! What the crate `wire` says of bytes that are no message, in the language that is spoken. It is a library
//! without one.

use std::borrow::Cow;

use language::{Language, spoken};
use rust_i18n::t;
use wire::{Error, LengthFault};

/// The error in words: in English its own.
pub(crate) fn said(error: &Error) -> String {
    if spoken() == Language::English {
        return error.to_string();
    }
    let said = match error {
        Error::TooLongForLength { length, most } => t!(
            "%{length} bytes are too many for one message: its length holds at most %{most}",
            length = length,
            most = most
        ),
        Error::HoldsEndMark { at } => {
            t!("the message holds its own end mark at byte %{at}, and would end there", at = at)
        }
        Error::NegativeLength { length, at } => {
            t!("length %{length} at byte %{at} is negative", length = length, at = at)
        }
        Error::TooLarge { length, limit, at } => t!(
            "length %{length} at byte %{at} is above the limit of %{limit} bytes",
            length = length,
            at = at,
            limit = limit
        ),
        Error::BadLength { length, at, fault, .. } => t!(
            "length %{length} at byte %{at} is %{fault}",
            length = length,
            at = at,
            fault = fault_of_length(fault)
        ),
        Error::NoDigits { text, at } => {
            t!("no length in digits at byte %{at}; there is \"%{text}\"", at = at, text = text)
        }
        Error::NoEnd { limit, at } => t!(
            "the message at byte %{at} does not end within the limit of %{limit} bytes",
            at = at,
            limit = limit
        ),
        Error::NotJson { at, text, .. } => {
            t!("no valid JSON header at byte %{at}; it begins \"%{text}\"", at = at, text = text)
        }
        Error::MissingField { field, at } => t!(
            "the JSON header at byte %{at} has no length in its field \"%{field}\"",
            at = at,
            field = field
        ),
        Error::BodyTooLarge { length, limit } => t!(
            "the header announces a body of %{length} bytes, above the limit of %{limit} bytes",
            length = length,
            limit = limit
        ),
        // The others are said of streams and files, which nobody reads here with wire's own functions.
        other => return other.to_string(),
    };
    let text = error.length_as_text();
    let text = text.map(|text| t!("; as text it is \"%{text}\"", text = text)).unwrap_or_default();
    said.into_owned() + &*text
}

/// Why a length cannot be believed.
fn fault_of_length(fault: &LengthFault) -> Cow<'static, str> {
    match fault {
        LengthFault::Negative => t!("negative"),
        LengthFault::AboveLimit { limit } => {
            t!("above the limit of %{limit} bytes", limit = limit)
        }
        LengthFault::BelowItself { least } => {
            t!("smaller than its own %{least} bytes, which it counts too", least = least)
        }
    }
}
