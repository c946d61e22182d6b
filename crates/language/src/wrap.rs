//! Sentences in lines that fit, whichever language they are in.

use textwrap::core::Word;
use textwrap::{Options, WordSeparator, WordSplitter};
use unicode_linebreak::linebreaks;
use unicode_width::UnicodeWidthChar;

/// The text in lines of at most `width` columns, where a Chinese character takes two. A line ends at a space,
/// or beside a Chinese character; only a word that is too long for a line is cut.
///
/// ```
/// assert_eq!(language::wrap("so many bytes", 8), ["so many", "bytes"]);
/// assert_eq!(language::wrap("最多 n 个字节，不是一条消息。", 14), ["最多 n 个字", "节，不是一条消", "息。"]);
/// ```
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let options = Options::new(width)
        .word_separator(WORD_SEPARATOR)
        .word_splitter(WordSplitter::NoHyphenation);
    textwrap::wrap(text, options).into_iter().map(String::from).collect()
}

/// Where [`wrap`] breaks a line, for who has more to ask of textwrap: at blanks, and beside a Chinese character,
/// since Chinese has no blanks. The rules of Unicode (UAX 14) keep `。` and `）` from the beginning of a line; they
/// would also break `--only` and `a/b`, which stay whole.
pub const WORD_SEPARATOR: WordSeparator = WordSeparator::Custom(words);

fn words(line: &str) -> Box<dyn Iterator<Item = Word<'_>> + '_> {
    let is_wide = |it: Option<char>| it.and_then(char::width).is_some_and(|width| width > 1);
    let is_break = move |at: usize| {
        let (before, after) = line.split_at(at);
        before.ends_with(' ')
            || after.is_empty()
            || is_wide(before.chars().next_back())
            || is_wide(after.chars().next())
    };
    let ends = linebreaks(line).map(|(at, _)| at).filter(move |&at| is_break(at));
    Box::new(
        ends.scan(0, move |start, end| {
            line.get(std::mem::replace(start, end)..end).map(Word::from)
        }),
    )
}
