//! What is wrong with a message that cannot be read as it should be framed: found by reading it as
//! every other framing would.

use language::text;
use rust_i18n::t;
use wire::{ByteOrder, Decoder, Framing, LengthField};

use crate::stream::MAX_MESSAGE;

/// Fewer bytes than these may be read in another way by chance.
const LEAST_EVIDENCE: usize = 2;

/// What bytes are that cannot be read as `expected`, or not as the message that is `known`. Without
/// enough evidence there is nothing to say.
pub(crate) fn misframed(
    expected: &Framing,
    known: Option<&[u8]>,
    arrived: &[u8],
) -> Option<String> {
    if arrived.is_empty() {
        return None;
    }
    if let Some(known) = known.filter(|known| known.len() >= LEAST_EVIDENCE) {
        if arrived.starts_with(known) || known.starts_with(arrived) && arrived.len() > 1 {
            return Some(unframed(expected));
        }
        let repr = format!("b'{}", String::from_utf8_lossy(known).trim_end());
        if arrived.windows(repr.len()).any(|window| window == repr.as_bytes()) {
            return Some(REPR.to_owned());
        }
    }
    let other = spoken(expected, known, arrived)?;
    Some(difference(expected, &other))
}

pub(crate) const REPR: &str =
    text!("This is how Python shows bytes. Send the bytes themselves, without str() or repr().");

/// The framing that these bytes speak instead: the one that makes them the `known` message, or,
/// where that is not known, whole messages.
fn spoken(expected: &Framing, known: Option<&[u8]>, arrived: &[u8]) -> Option<Framing> {
    let says = |framing: &Framing| -> bool {
        if framing == expected || matches!(framing, Framing::None | Framing::End) {
            return false;
        }
        let mut decoder = Decoder::new(framing, MAX_MESSAGE);
        let mut input = arrived;
        match (decoder.decode(&mut input), known) {
            // Trailing white space is the program's own business here.
            (Ok(Some(message)), Some(known)) => {
                message.trim_ascii_end() == known.trim_ascii_end() && known.len() >= LEAST_EVIDENCE
            }
            (Ok(Some(message)), None) => message.len() >= LEAST_EVIDENCE && input.is_empty(),
            _ => false,
        }
    };
    Framing::candidates(arrived).into_iter().find(says)
}

fn unframed(expected: &Framing) -> String {
    match expected {
        Framing::Line | Framing::Until(_) => t!(
            "These bytes are the message, and no end mark follows: %{expected} wants one.",
            expected = expected
        )
        .into_owned(),
        Framing::Json { length, .. } => t!(
            "These bytes are text: no JSON header is sent before the message, and no length \
             before the header. Send %{length} first, and then the header.",
            length = packed(length, "header")
        )
        .into_owned(),
        _ => t!(
            "These bytes are text: no length is sent before the message. Send %{length} first.",
            length = sample(expected)
        )
        .into_owned(),
    }
}

/// How Python would write the length.
fn sample(expected: &Framing) -> String {
    match expected {
        Framing::Length(field) => packed(field, "message"),
        Framing::Json { length, .. } => packed(length, "header"),
        other => t!("its length, as %{other}", other = other).into_owned(),
    }
}

/// The length field of `what` in Python, whose `struct` knows no length that counts itself.
fn packed(field: &LengthField, what: &str) -> String {
    let own = if field.counts_itself() { format!(" + {}", field.width()) } else { String::new() };
    format!("struct.pack('{}', len({what}){own})", field.struct_format())
}

/// What the program does otherwise, and what to write in its place.
fn difference(expected: &Framing, other: &Framing) -> String {
    let try_it =
        t!(" (If it is meant so: judge it with --framing '%{other}'.)", other = other).into_owned();
    let said = match (expected, other) {
        (Framing::Length(wanted), Framing::Length(found)) => {
            let (wide, narrow) = (wanted.width(), found.width());
            let (right, wrong) = (wanted.struct_format(), found.struct_format());
            if wide != narrow {
                let name = |width| {
                    if width == 1 { t!("1 byte") } else { t!("%{width} bytes", width = width) }
                };
                let own = match (wanted.counts_itself(), found.counts_itself()) {
                    (true, false) => t!(" It should count its own bytes too."),
                    (false, true) => t!(" It should count only what follows it."),
                    _ => "".into(),
                };
                t!(
                    "The length is sent with %{narrow}, and should have %{wide}. In Python that \
                     is '%{wrong}' where it should be '%{right}'.%{own}",
                    narrow = name(narrow),
                    wide = wide,
                    wrong = wrong,
                    right = right,
                    own = own
                )
                .into_owned()
            } else if found.counts_itself() && !wanted.counts_itself() {
                t!(
                    "The length counts its own %{wide} bytes too. It should count only what \
                     follows it.",
                    wide = wide
                )
                .into_owned()
            } else if wanted.counts_itself() && !found.counts_itself() {
                t!("The length should count its own %{wide} bytes too, and does not.", wide = wide)
                    .into_owned()
            } else {
                let order = |field: &LengthField| match field.order() {
                    ByteOrder::Little => t!("little-endian"),
                    ByteOrder::Big => t!("big-endian"),
                };
                t!(
                    "The length has its bytes in the wrong order: %{found}, where this protocol \
                     is %{wanted}. In Python that is struct.pack('%{right}', n), and not \
                     '%{wrong}'%{or}.",
                    found = order(found),
                    wanted = order(wanted),
                    right = right,
                    wrong = wrong,
                    or = if found.order() == ByteOrder::Big { t!(" or '!'") } else { "".into() }
                )
                .into_owned()
            }
        }
        (_, Framing::Digits(_)) => t!(
            "The length is sent as text, in digits, and should be %{length}.",
            length = sample(expected)
        )
        .into_owned(),
        (_, Framing::Line) => t!(
            "A new line ends the message, where %{expected} should say how long it is.",
            expected = expected
        )
        .into_owned(),
        _ => t!(
            "The message is framed as %{other}, and should be as %{expected}.",
            other = other,
            expected = expected
        )
        .into_owned(),
    };
    said + &*try_it
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is said of `pong`, sent as `sent` where it should be `wanted`.
    fn said(wanted: &str, sent: &str) -> String {
        let framing = |text: &str| text.parse::<Framing>().unwrap();
        let mut bytes = Vec::new();
        framing(sent).encode(b"pong", &mut bytes).unwrap();
        misframed(&framing(wanted), Some(b"pong"), &bytes).unwrap_or_default()
    }

    #[track_caller]
    fn assert_said(wanted: &str, sent: &str, phrase: &str) {
        let said = said(wanted, sent);
        assert!(said.starts_with(phrase), "{sent} for {wanted}: {said}");
        assert!(!said.contains("pack('") || !said.contains("+self',"), "no Python: {said}");
    }

    #[test]
    fn a_wrong_order_is_named_whether_or_not_both_count_themselves() {
        for own in ["", "+self"] {
            let (little, big) = (format!("<i{own}"), format!(">i{own}"));
            assert_said(&little, &big, "The length has its bytes in the wrong order: big-endian");
            assert_said(
                &big,
                &little,
                "The length has its bytes in the wrong order: little-endian",
            );
            assert!(said(&little, &big).contains("struct.pack('<i', n), and not '>"));
        }
    }

    #[test]
    fn who_counts_the_length_itself_is_named() {
        assert_said("<I", "<I+self", "The length counts its own 4 bytes too.");
        assert_said("<I+self", "<I", "The length should count its own 4 bytes too");
    }

    #[test]
    fn a_wrong_width_is_named_and_what_it_counts_with_it() {
        assert_said(">I", ">H", "The length is sent with 2 bytes, and should have 4.");
        assert!(said(">I+self", ">H").contains("It should count its own bytes too."));
        assert!(said(">I", ">H+self").contains("It should count only what follows it."));
        assert!(said(">I+self", ">H").contains("'>H' where it should be '>I'"));
    }

    #[test]
    fn a_missing_length_is_shown_as_python_writes_it() {
        let missing = "These bytes are text: no length is sent before the message.";
        assert_said("<i", "line", missing);
        assert!(said("<i", "line").contains("Send struct.pack('<i', len(message)) first."));
        assert!(said(">I+self", "line").contains("struct.pack('>I', len(message) + 4)"));
        assert!(said("json:>H:size", "line").contains("struct.pack('>H', len(header))"));
    }
}
