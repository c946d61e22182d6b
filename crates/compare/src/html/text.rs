//! Bytes of messages as text, in the colours of the messages.

use maud::{Markup, html};
use rust_i18n::t;

use crate::visible::{self, letter};
use crate::words;

/// A message of more characters than this is shown by its beginning and its end.
pub(super) const MAX_CHARACTERS: usize = 40;

/// Bytes as text, with the letter and in the colour of a message, if they are a message's.
pub(super) fn text(bytes: &[u8], message: Option<usize>) -> Markup {
    html! {
        span class={ "text " (message.map_or("", colour)) } {
            @if let Some(message) = message { b class="letter" { (letter(message)) } }
            @if bytes.is_empty() { i { (t!("empty")) } }
            @else if words::is_no_answer(bytes) { i { (t!("(nothing)")) } }
            @else { bdi { (excerpt(bytes, MAX_CHARACTERS)) } }
            @if bytes.len() > MAX_CHARACTERS { small { (bytes.len()) " B" } }
        }
    }
}

/// A text, or its beginning and its end: these give way where there is no room.
pub(super) fn excerpt(bytes: &[u8], most: usize) -> Markup {
    let (head, tail) = visible::excerpt(bytes, most);
    html! {
        @if tail.is_empty() { (head) }
        @else { span class="long" { span { (head) "…" } span { (tail) } } }
    }
}

/// The class of a message's colour, of which there are six.
pub(super) fn colour(message: usize) -> &'static str {
    ["m0", "m1", "m2", "m3", "m4", "m5"].get(message % 6).copied().unwrap_or_default()
}
