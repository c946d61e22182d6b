//! The blocks of a text, and what else can be found in one.

use std::ops::Range;
use std::path::Path;

use crate::read;

/// A fenced code block.
pub(crate) struct Block<'a> {
    /// The comment just before it, if it is one of ours.
    pub(crate) source: Option<&'a str>,
    /// What follows the opening fence.
    pub(crate) language: &'a str,
    pub(crate) body: &'a str,
    /// Where the body is in the text, in bytes.
    pub(crate) at: Range<usize>,
}

impl Block<'_> {
    /// Whether a Chinese text shows here what a Chinese reader sees.
    pub(crate) fn is_in_chinese(&self) -> bool {
        self.source.is_some_and(|it| KINDS.contains(&it) && it.ends_with(" zh"))
    }
}

/// The comments of ours that stand before a block, but for `code: …` and `packets: …`.
const KINDS: [&str; 6] =
    ["transcript", "transcript zh", "output", "output zh", "figure", "figure zh"];

/// All of a text's blocks, in order.
pub(crate) fn blocks(text: &str) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    let mut open: Option<(Option<&str>, &str, usize)> = None;
    let (mut at, mut source) = (0, None);
    for line in text.split_inclusive('\n') {
        at += line.len();
        match (line.strip_prefix("```"), open.take()) {
            (Some(language), None) => open = Some((source, language.trim(), at)),
            (Some(_), Some((source, language, start))) => {
                let at = start..at - line.len();
                blocks.push(Block { source, language, body: &text[at.clone()], at });
            }
            (None, inside) => open = inside,
        }
        let comment = line.trim().strip_prefix("<!-- ").and_then(|line| line.strip_suffix(" -->"));
        let ours = |it: &&str| {
            KINDS.contains(it) || it.starts_with("code: ") || it.starts_with("packets: ")
        };
        source = comment.filter(ours);
    }
    assert!(open.is_none(), "a block is never closed:\n{text}");
    blocks
}

/// How deep each heading is.
pub(crate) fn headings(text: &str) -> Vec<usize> {
    let level = |line: &String| line.find(' ').filter(|_| line.starts_with('#'));
    outside(text).iter().filter_map(level).collect()
}

/// What a link to each heading has behind its `#`, as GitHub makes it: small letters, no punctuation, and a
/// hyphen for each space.
pub(crate) fn anchors(text: &str) -> Vec<String> {
    let is_heading = |line: &&String| line.starts_with('#') && line.contains(' ');
    let anchor = |line: &String| {
        let title = line.trim_start_matches('#').trim().to_lowercase();
        let kept = title.chars().filter(|it| it.is_alphanumeric() || [' ', '-', '_'].contains(it));
        kept.map(|it| if it == ' ' { '-' } else { it }).collect()
    };
    outside(text).iter().filter(is_heading).map(anchor).collect()
}

/// The lines outside all blocks.
fn outside(text: &str) -> Vec<String> {
    let mut outside = text.to_owned();
    blocks(text).iter().rev().for_each(|block| outside.replace_range(block.at.clone(), ""));
    outside.lines().map(str::to_owned).collect()
}

/// Which facts, errors and bugs of the tutorial a text speaks of, as `F001-F015 E01 B02`.
pub(crate) fn covers(text: &str) -> Vec<&str> {
    let ids = text.split_once("<!-- covers: ").and_then(|(_, rest)| rest.split_once(" -->"));
    let ids: Vec<&str> = ids.map_or(Vec::new(), |(ids, _)| ids.split([' ', '-']).collect());
    for id in &ids {
        let number = id.strip_prefix(['F', 'E', 'B']).map(str::parse::<u16>);
        assert!(matches!(number, Some(Ok(1..))), "no fact, error or bug: {id}");
    }
    ids
}

/// The lines that a `code` comment names, without their indentation.
pub(crate) fn excerpt(place: &str, folder: &Path) -> String {
    let (file, part) = place.split_once(' ').unwrap();
    let code = read(&folder.join(file));
    let lines: Vec<&str> = code.lines().collect();
    let find = |text: &str, from: usize| {
        let found = lines.iter().skip(from).position(|line| line.contains(text));
        from + found.unwrap_or_else(|| panic!("{file} has no {text}"))
    };
    let indent_of = |line: &str| line.len() - line.trim_start().len();
    let (first, last) = if let Some(name) = part.strip_prefix("fn ") {
        let first = find(&format!("fn {name}("), 0);
        // A method ends with a bracket under its first letter.
        let ends = |line: &&str| line.trim() == "}" && indent_of(line) == indent_of(lines[first]);
        (first, first + lines[first..].iter().position(ends).unwrap())
    } else {
        let words: Vec<&str> = part.split('`').collect();
        let [_, from, _, to, _] = words[..] else { panic!("write: from `A` to `B`") };
        (find(from, 0), find(to, find(from, 0)))
    };
    let indent = indent_of(lines[first]);
    let shown = lines[first..=last].iter().map(|line| line.get(indent..).unwrap_or_default());
    shown.flat_map(|line| [line, "\n"]).collect()
}
