//! Sentences in lines that fit, whichever language they are in.

use textwrap::core::Word;
use textwrap::{Options, WordSeparator, WordSplitter};
use unicode_width::UnicodeWidthChar;

/// What begins no line: Chinese has no spaces, and its punctuation belongs to what stands before it.
const NEVER_FIRST: &str = "，。、；：？！）」』》”…—%";
/// What ends no line.
const NEVER_LAST: &str = "（「『《“";

/// The text in lines of at most `width` columns, where a Chinese character takes two. A line ends at a space,
/// or beside a Chinese character; only a word that is too long for a line is cut.
///
/// ```
/// assert_eq!(language::wrap("so many bytes", 8), ["so many", "bytes"]);
/// assert_eq!(language::wrap("最多 n 个字节，不是一条消息。", 14), ["最多 n 个字", "节，不是一条消", "息。"]);
/// ```
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let options = Options::new(width)
        .word_separator(WordSeparator::Custom(words))
        .word_splitter(WordSplitter::NoHyphenation);
    textwrap::wrap(text, options).into_iter().map(String::from).collect()
}

/// The pieces of a line between which it may be broken.
fn words(line: &str) -> Box<dyn Iterator<Item = Word<'_>> + '_> {
    let nexts = line.char_indices().skip(1);
    let breaks = line.chars().zip(nexts).filter(|&(left, (_, right))| may_break(left, right));
    let ends = breaks.map(|(_, (at, _))| at).chain([line.len()]);
    Box::new(ends.scan(0, move |start, end| {
        let word = line.get(std::mem::replace(start, end)..end)?;
        Some(Word::from(word))
    }))
}

fn may_break(left: char, right: char) -> bool {
    let is_wide = |it: char| it.width() == Some(2);
    let is_beside = is_wide(left) || is_wide(right);
    let after_space = left == ' ' && right != ' ';
    after_space
        || is_beside && right != ' ' && !NEVER_FIRST.contains(right) && !NEVER_LAST.contains(left)
}
