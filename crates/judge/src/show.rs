//! Bytes, as a report shows them: text as text, the rest in hexadecimal.
//!
//! ```text
//! 07 00 00 00 "echo hi"
//! ```

use rust_i18n::t;
use trace::text::{escape, hex};

/// How many bytes are shown before the cut.
const SHOWN: usize = 56;
/// How many of the pieces of a message are shown; the others are counted.
const SHOWN_PIECES: usize = 32;
/// Fewer printable characters than this, between other bytes, are probably no text.
const SHORTEST_TEXT: usize = 3;
/// How Python begins what it says of an error.
const TRACEBACK: &str = "Traceback (most recent call last)";

/// The bytes: runs of text in double quotes, the others as hexadecimal pairs; cut after 56 bytes.
///
/// ```
/// assert_eq!(judge::show::bytes(b"\x07\0\0\0echo hi"), r#"07 00 00 00 "echo hi""#);
/// assert_eq!(judge::show::bytes(b""), "nothing");
/// ```
pub fn bytes(bytes: &[u8]) -> String {
    if bytes.is_empty() {
        return "nothing".to_owned();
    }
    match cut(bytes).len() < bytes.len() {
        true => t!("%{start} %{count} bytes in all", start = start(bytes), count = bytes.len())
            .into_owned(),
        false => start(bytes),
    }
}

/// The first bytes, and an ellipsis if there are more.
pub(crate) fn start(bytes: &[u8]) -> String {
    let shown = cut(bytes);
    let more = if shown.len() < bytes.len() { " …" } else { "" };
    let shown = if is_text(shown) { quote(shown) } else { runs(shown) };
    shown + more
}

/// The end of what a program has printed, in double quotes; `nothing` if that is nothing.
pub fn end(text: &str) -> String {
    let text = &without_frames(text);
    let characters = text.chars().count();
    let Some(before) = characters.checked_sub(SHOWN).filter(|&before| before > 0) else {
        return bytes(text.as_bytes());
    };
    let end: String = text.chars().skip(before).collect();
    format!("… {}", quote(end.as_bytes()))
}

/// A typed line, in double quotes.
pub(crate) fn line(line: &str) -> String {
    if line.is_empty() { "\"\"".to_owned() } else { bytes(line.as_bytes()) }
}

/// Several pieces that were sent one by one. Beside bytes that are no text, a piece of one or two
/// is none either: the first byte of a length may look like a letter.
pub fn pieces(pieces: &[&[u8]]) -> String {
    let all_text = pieces.iter().all(|piece| is_text(piece));
    let show = |piece: &&[u8]| match all_text || piece.len() >= SHORTEST_TEXT {
        true => bytes(piece),
        false => hex(piece),
    };
    let shown: Vec<String> = match pieces.len().checked_sub(SHOWN_PIECES) {
        None | Some(0) => pieces.iter().map(show).collect(),
        Some(left_out) => {
            let (start, end) = pieces.split_at(SHOWN_PIECES - 1);
            let gap = t!("… %{left_out} more …", left_out = left_out).into_owned();
            let last = end.iter().skip(left_out).map(show);
            start.iter().map(show).chain([gap]).chain(last).collect()
        }
    };
    shown.join(" | ")
}

/// What Python says of an error, without the lines between: they differ from version to version.
fn without_frames(text: &str) -> String {
    if !text.contains(TRACEBACK) {
        return text.to_owned();
    }
    let is_word = |line: &&str| !line.starts_with(' ') && !line.starts_with(TRACEBACK);
    text.split_inclusive('\n').filter(is_word).collect()
}

/// The first bytes, not cut inside a character.
fn cut(bytes: &[u8]) -> &[u8] {
    let Some(start) = bytes.get(..SHOWN) else { return bytes };
    match std::str::from_utf8(start) {
        Err(error) if error.error_len().is_none() && bytes.len() > SHOWN => {
            start.get(..error.valid_up_to()).unwrap_or(start)
        }
        _ => start,
    }
}

fn quote(bytes: &[u8]) -> String {
    format!("\"{}\"", escape(bytes))
}

fn is_text(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok_and(|text| text.chars().all(is_readable))
}

fn is_readable(character: char) -> bool {
    !character.is_control() || matches!(character, '\n' | '\r' | '\t')
}

/// Text and other bytes, in turn.
fn runs(bytes: &[u8]) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut other: Vec<u8> = Vec::new();
    for chunk in bytes.utf8_chunks() {
        for run in chunk.valid().split_inclusive(|character| !is_readable(character)) {
            let end = run.trim_end_matches(|character| !is_readable(character));
            let (text, rest) = run.split_at(end.len());
            match text.chars().count() < SHORTEST_TEXT {
                true => other.extend_from_slice(text.as_bytes()),
                false => {
                    flush(&mut other, &mut parts);
                    parts.push(quote(text.as_bytes()));
                }
            }
            other.extend_from_slice(rest.as_bytes());
        }
        other.extend_from_slice(chunk.invalid());
    }
    flush(&mut other, &mut parts);
    parts.join(" ")
}

fn flush(other: &mut Vec<u8>, parts: &mut Vec<String>) {
    if !other.is_empty() {
        parts.push(hex(other));
        other.clear();
    }
}
