//! From a request's bytes to the words that are run, or to the reason why not.
//!
//! Nothing here touches a process: each decision is a function of the request and the list.

use crate::arguments;
use crate::error::Error;

/// The program and the arguments that a request asks for.
pub(crate) fn words(request: &[u8], allowed: &[String]) -> Result<(String, Vec<String>), Error> {
    let line = text(request, &['\t'])?;
    if let Some(character) = shell_syntax(line) {
        return Err(Error::ShellSyntax { character });
    }
    let mut words = shlex::split(line).ok_or(Error::Unbalanced)?.into_iter();
    let program = words.next().ok_or(Error::Empty)?;
    if !allowed.contains(&program) {
        return Err(Error::NotAllowed { program, allowed: allowed.to_vec() });
    }
    let arguments: Vec<String> = words.collect();
    arguments::check(&program, &arguments)?;
    Ok((program, arguments))
}

/// The text that a shell may be given: lines, with nothing in them that a terminal acts upon.
pub(crate) fn script(request: &[u8]) -> Result<&str, Error> {
    text(request, &['\t', '\n'])
}

/// The request without the white space at its ends, if no control characters but these are in it.
fn text<'a>(request: &'a [u8], controls: &[char]) -> Result<&'a str, Error> {
    // A length is looked for before UTF-8: the length of a long request is no text.
    if let &[low, high, 0, 0, ..] = request {
        return Err(Error::LengthPrefix { length: u32::from_le_bytes([low, high, 0, 0]) });
    }
    let whole = str::from_utf8(request).map_err(|e| Error::NotUtf8 { at: e.valid_up_to() })?;
    let start = whole.len() - whole.trim_start().len();
    let text = whole.trim();
    if text.is_empty() {
        return Err(Error::Empty);
    }
    match text.char_indices().find(|&(_, c)| c.is_control() && !controls.contains(&c)) {
        Some((index, character)) => Err(Error::ControlCharacter { character, at: start + index }),
        None => Ok(text),
    }
}

/// The first character that a POSIX shell would act upon (POSIX.1-2024, XCU 2.2 Quoting).
///
/// The quotes themselves are left to shlex. Should the two ever read a line differently, nothing
/// is run that the list does not allow: this only spares the peer an answer that makes no sense.
fn shell_syntax(line: &str) -> Option<char> {
    let mut quote = None;
    let mut word_begins = true;
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        let first = std::mem::replace(&mut word_begins, false);
        match (quote, character) {
            (Some('\''), '\'') | (Some('"'), '"') => quote = None,
            (Some('\''), _) => {}
            (_, '\\') => _ = characters.next(),
            (_, '$' | '`') => return Some(character),
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(character),
            (None, ' ' | '\t') => word_begins = true,
            // The rest of the line is a comment.
            (None, '#') if first => return None,
            (None, '~') if first => return Some(character),
            (None, ';' | '&' | '|' | '<' | '>' | '(' | ')' | '*' | '?' | '[') => {
                return Some(character);
            }
            (None, _) => {}
        }
    }
    None
}
