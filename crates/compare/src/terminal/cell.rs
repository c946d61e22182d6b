//! What stands in one column of one line, measured as a terminal draws it: Chinese takes two columns.

use anstyle::{AnsiColor, Style};
use rust_i18n::t;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

pub(super) const GOOD: Style = AnsiColor::Green.on_default().bold();
pub(super) const BAD: Style = AnsiColor::Red.on_default().bold();

/// A text, and a word at its end.
pub(super) struct Cell {
    text: String,
    /// How the first word is painted.
    first: Style,
    end: Option<(String, Style)>,
}

impl Cell {
    pub(super) fn plain(text: &str) -> Cell {
        Cell::head(text, Style::new())
    }

    /// A heading whose first word is painted.
    pub(super) fn head(text: &str, style: Style) -> Cell {
        Cell { text: text.trim_end().to_owned(), first: style, end: None }
    }

    /// A result, and whether it is right.
    pub(super) fn judged(text: String, right: bool) -> Cell {
        let (word, style) = if right { (t!("RIGHT"), GOOD) } else { (t!("WRONG"), BAD) };
        Cell { text, first: Style::new(), end: Some((word.into_owned(), style)) }
    }

    /// The text, cut to fit, and the word at the right edge, if there is one.
    pub(super) fn draw(&self, width: usize) -> String {
        // A blank stands after each column, and between a text and the word at its end.
        match &self.end {
            None => {
                let text = fit(&self.text, width - 1);
                let word = text.split(' ').next().unwrap_or_default();
                let rest = text.get(word.len()..).unwrap_or_default();
                format!("{}{rest}", paint(self.first, word))
            }
            Some((word, style)) => {
                let room = width - word.width() - 1;
                format!("{}{}", pad(&fit(&self.text, room - 1), room), paint(*style, word))
            }
        }
    }
}

/// The text if it fits in `width` columns, else its beginning and its end.
pub(super) fn fit(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let tail = width / 3;
    let head = take(text.chars(), width.saturating_sub(tail + 1));
    let end: String = take(text.chars().rev(), tail).chars().rev().collect();
    format!("{head}…{end}")
}

/// As many characters as fit in `width` columns.
fn take(characters: impl Iterator<Item = char>, width: usize) -> String {
    let mut used = 0;
    characters
        .take_while(|character| {
            used += character.width().unwrap_or(0);
            used <= width
        })
        .collect()
}

/// The text, with blanks up to `width` columns.
pub(super) fn pad(text: &str, width: usize) -> String {
    let plain = anstream::adapter::strip_str(text).to_string();
    format!("{text}{}", " ".repeat(width.saturating_sub(plain.width())))
}

pub(super) fn paint(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}
