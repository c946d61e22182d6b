//! The words of a figure.

use language::Language;

/// A text in both languages. Both stand side by side in the descriptions, since a figure is laid out for both.
#[derive(Debug, Clone, Copy)]
pub struct Text {
    english: &'static str,
    chinese: &'static str,
}

/// A text in English and in Chinese.
pub const fn text(english: &'static str, chinese: &'static str) -> Text {
    Text { english, chinese }
}

/// What is the same in every language: a call, a state of TCP, bytes.
pub const fn same(text: &'static str) -> Text {
    Text { english: text, chinese: text }
}

impl Text {
    /// Whether there is nothing to read.
    pub const fn is_empty(self) -> bool {
        self.english.is_empty()
    }

    /// The text in this language.
    pub fn of(self, language: Language) -> &'static str {
        match language {
            Language::English => self.english,
            Language::Chinese => self.chinese,
        }
    }
}
