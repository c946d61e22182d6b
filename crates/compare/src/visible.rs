//! Bytes as text in which nothing is invisible.

use trace::text;

/// One byte as one or two signs, if it is ASCII that has some.
pub(crate) fn byte(byte: u8) -> Option<String> {
    match byte {
        b' ' => Some("␣".to_owned()),
        b'\n' => Some("\\n".to_owned()),
        b'\r' => Some("\\r".to_owned()),
        b'\t' => Some("\\t".to_owned()),
        0 => Some("\\0".to_owned()),
        b'!'..=b'~' => Some(char::from(byte).to_string()),
        _ => None,
    }
}

/// Each character, with the number of bytes that it takes.
pub(crate) fn characters(bytes: &[u8]) -> Vec<(usize, String)> {
    let mut characters = Vec::new();
    for chunk in bytes.utf8_chunks() {
        characters.extend(chunk.valid().chars().map(|character| {
            let shown = match u8::try_from(character).ok().and_then(byte) {
                Some(sign) => sign,
                None => text::escape(character.encode_utf8(&mut [0; 4]).as_bytes()),
            };
            (character.len_utf8(), shown)
        }));
        characters.extend(chunk.invalid().iter().map(|_| (1, "\u{fffd}".to_owned())));
    }
    characters
}

/// The text of a message; if it has more than `most` characters, some of its beginning and its end.
/// Pieces of characters become `�`, as in every program that decodes them.
pub(crate) fn excerpt(bytes: &[u8], most: usize) -> (String, String) {
    let shown: Vec<String> = characters(bytes)
        .into_iter()
        // In running text a space is seen by what stands around it.
        .map(|(length, shown)| if length == 1 && shown == "␣" { " ".to_owned() } else { shown })
        .collect();
    if shown.len() <= most {
        return (shown.concat(), String::new());
    }
    let (head, rest) = shown.split_at(most / 2);
    let (_, tail) = rest.split_at(rest.len() - most / 4);
    // Half a number at the cut would be read as a whole one.
    let space = |text: &[String]| text.iter().position(|sign| sign == " ");
    let tail = space(tail).and_then(|at| tail.get(at + 1..)).unwrap_or(tail);
    (head.concat(), tail.concat())
}

/// `part` of the `whole` bytes of a character.
pub(crate) fn fraction(part: usize, whole: usize) -> &'static str {
    match (part, whole) {
        (1, 2) | (2, 4) => "½",
        (1, 3) => "⅓",
        (2, 3) => "⅔",
        (1, 4) => "¼",
        (3, 4) => "¾",
        _ => "",
    }
}

/// The name of a message, from its number from 0: A to Z, then a number from 27.
pub(crate) fn letter(message: usize) -> String {
    match u8::try_from(message).ok().filter(|message| *message < 26) {
        Some(message) => char::from(b'A' + message).to_string(),
        None => (message + 1).to_string(),
    }
}
