//! What Tab does at a prompt.

use rustyline::completion::{
    Completer, FilenameCompleter, Pair, Quote, escape, extract_word, unescape,
};
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::validate::Validator;
use rustyline::{Context, Result};

/// What may stand at the place of a line where Tab is pressed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Candidates {
    /// One of these words, and a space behind it; those that do not begin as what is typed are left out.
    Words(Vec<String>),
    /// One of these names, in quotes where it needs them, and no space: it may be a folder's.
    Names(Vec<String>),
    /// A file of this machine; `~` is the home folder.
    Files,
}

/// Says what may stand behind the first text, where the second one is typed already: behind `get `,
/// where `docs/a` is typed.
pub type Offer = Box<dyn Fn(&str, &str) -> Candidates>;

/// How a word of a line is quoted: as [`Candidates::Files`] are by rustyline.
const ESCAPE: Option<char> = if cfg!(windows) { None } else { Some('\\') };

/// Whether a word with this character in it needs a quotation.
fn is_break(character: char) -> bool {
    character.is_whitespace() || matches!(character, '"' | '\'') || Some(character) == ESCAPE
}

/// rustyline's view of an [`Offer`].
pub(crate) struct Helper {
    offer: Offer,
    files: FilenameCompleter,
}

impl Helper {
    pub(crate) fn new(offer: Offer) -> Helper {
        Helper { offer, files: FilenameCompleter::new() }
    }

    /// Where the word under the cursor begins, and what it may become.
    fn candidates(&self, line: &str, position: usize) -> Result<(usize, Vec<Pair>)> {
        let (start, word) = extract_word(line, position, ESCAPE, is_break);
        let word = unescape(word, ESCAPE);
        let (candidates, write): (_, fn(&str) -> String) = match (self.offer)(&line[..start], &word)
        {
            // Windows takes either slash between two folders, and rustyline one.
            Candidates::Files if cfg!(windows) => {
                return self.files.complete_path(&line.replace('/', "\\"), position);
            }
            Candidates::Files => return self.files.complete_path(line, position),
            Candidates::Words(words) => (words, |word| format!("{word} ")),
            Candidates::Names(names) => {
                (names, |name| escape(name.to_owned(), ESCAPE, is_break, Quote::None))
            }
        };
        let candidates = candidates.into_iter().filter(|candidate| candidate.starts_with(&*word));
        let pair = |display: String| Pair { replacement: write(&display), display };
        Ok((start, candidates.map(pair).collect()))
    }
}

impl Completer for Helper {
    type Candidate = Pair;

    fn complete(&self, line: &str, at: usize, _: &Context<'_>) -> Result<(usize, Vec<Pair>)> {
        self.candidates(line, at)
    }
}

impl Hinter for Helper {
    type Hint = String;
}

impl Highlighter for Helper {}

impl Validator for Helper {}

impl rustyline::Helper for Helper {}

#[cfg(test)]
mod tests {
    use super::*;

    fn complete(line: &str) -> (usize, Vec<String>) {
        let offer = |before: &str, word: &str| match (before, word) {
            ("", _) => Candidates::Words(vec!["get".into(), "list".into()]),
            (_, "docs/a") => Candidates::Names(vec!["docs/a b".into(), "docs/c".into()]),
            _ => Candidates::Files,
        };
        let (start, pairs) = Helper::new(Box::new(offer)).candidates(line, line.len()).unwrap();
        (start, pairs.into_iter().map(|pair| pair.replacement).collect())
    }

    #[test]
    fn the_word_under_the_cursor_becomes_one_of_those_that_begin_so() {
        assert_eq!(complete(""), (0, vec!["get ".to_owned(), "list ".to_owned()]));
        assert_eq!(complete("g"), (0, vec!["get ".to_owned()]));
        assert_eq!(complete("x"), (0, vec![]));
    }

    #[cfg(unix)]
    #[test]
    fn a_name_with_a_space_is_one_word_of_the_line() {
        assert_eq!(complete("get docs/a"), (4, vec![r"docs/a\ b".to_owned()]));
    }

    #[test]
    fn a_file_of_this_machine_is_found_in_its_folder() {
        // Tests are run in the folder of their package.
        assert_eq!(
            complete("put src/completi"),
            (4, vec![format!("src{}completion.rs", std::path::MAIN_SEPARATOR)])
        );
    }
}
