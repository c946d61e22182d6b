//! What is wrong with a message that cannot be read as it should be framed: found by reading it as
//! every other framing would.

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

pub(crate) const REPR: &str = "This is how Python shows bytes. Send the bytes themselves, without \
                               str() or repr().";

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
        Framing::Line | Framing::Until(_) => {
            format!("These bytes are the message, and no end mark follows: {expected} wants one.")
        }
        _ => format!(
            "These bytes are text: no length is sent before the message. Send {} first.",
            sample(expected)
        ),
    }
}

/// How Python would write the length.
fn sample(expected: &Framing) -> String {
    match expected {
        Framing::Length(_) | Framing::Json { .. } => {
            format!("struct.pack('{}', len(message))", length_of(expected))
        }
        other => format!("its length, as {other}"),
    }
}

/// The length field of a framing, as text.
fn length_of(framing: &Framing) -> String {
    match framing {
        Framing::Json { length, .. } => length.to_string(),
        other => other.to_string(),
    }
}

/// What the program does otherwise, and what to write in its place.
fn difference(expected: &Framing, other: &Framing) -> String {
    let try_it = format!("(If it is meant so: judge it with --framing '{other}'.)");
    let said = match (expected, other) {
        (Framing::Length(wanted), Framing::Length(found)) => {
            let (wide, narrow) = (wanted.width(), found.width());
            if wide != narrow {
                let name =
                    |width| if width == 1 { "1 byte".to_owned() } else { format!("{width} bytes") };
                format!(
                    "The length is sent with {}, and should have {wide}. In Python that is '{found}' \
                     where it should be '{wanted}'.",
                    name(narrow)
                )
            } else if found.counts_itself() && !wanted.counts_itself() {
                format!(
                    "The length counts its own {wide} bytes too. It should count only what follows it."
                )
            } else if wanted.counts_itself() {
                format!("The length should count its own {wide} bytes too, and does not.")
            } else {
                let order = |field: &LengthField| match field.order() {
                    ByteOrder::Little => "little-endian",
                    ByteOrder::Big => "big-endian",
                };
                format!(
                    "The length has its bytes in the wrong order: {}, where this protocol is {}. In \
                     Python that is struct.pack('{wanted}', n), and not '{found}'{}.",
                    order(found),
                    order(wanted),
                    if found.order() == ByteOrder::Big { " or '!'" } else { "" }
                )
            }
        }
        (_, Framing::Digits(_)) => {
            format!("The length is sent as text, in digits, and should be {}.", sample(expected))
        }
        (_, Framing::Line) => {
            format!("A new line ends the message, where {expected} should say how long it is.")
        }
        _ => format!("The message is framed as {other}, and should be as {expected}."),
    };
    format!("{said} {try_it}")
}
