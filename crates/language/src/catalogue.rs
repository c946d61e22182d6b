//! English text that was put together elsewhere, in the reader's language.

use std::borrow::Cow;
use std::fmt;
use std::sync::RwLock;

use rust_i18n::Backend;
use unicode_width::UnicodeWidthStr;

use crate::template::Template;

/// The texts that [`say`] and [`find`] know.
static KNOWN: RwLock<Vec<Catalogue>> = RwLock::new(Vec::new());

/// A crate's Chinese, for what `t!` cannot take: texts with the values already in them, as errors have them
/// and `format!` makes them. Their keys are format strings, as they stand in the code.
#[derive(Clone, Copy)]
pub struct Catalogue {
    backend: fn() -> &'static dyn Backend,
}

impl Catalogue {
    /// For [`catalogue!`](crate::catalogue), which knows where its crate's texts are.
    pub const fn new(backend: fn() -> &'static dyn Backend) -> Catalogue {
        Catalogue { backend }
    }

    /// From now on [`say`] and [`find`] know these texts too.
    pub fn add(self) {
        KNOWN.write().unwrap_or_else(|poisoned| poisoned.into_inner()).push(self);
    }

    fn translation(self, text: &str, locale: &str) -> Option<Cow<'static, str>> {
        (self.backend)().translate(locale, text)
    }

    /// The format strings that `english` can have been made with, how many letters each has, and what they
    /// are in this language with the values filled in.
    fn fits(self, english: &str, locale: &str) -> impl Iterator<Item = (usize, String)> {
        let messages = (self.backend)().messages_for_locale(locale);
        messages.into_iter().flatten().filter_map(move |(format, other)| {
            let template = Template::of(&format);
            let values = template.has_values().then(|| template.values(english))??;
            Some((template.letters(), filled(&other, &values, locale)))
        })
    }
}

/// What was made with this format string, in the reader's language; in English if no other is known.
///
/// A value that is a known text is translated too, and keeps its width.
pub fn say(format: &str, english: String) -> String {
    let translated = || {
        let template = Template::of(format);
        // One without words only puts values side by side.
        let plain = || (!template.has_words()).then_some(Cow::Borrowed(format));
        let locale = rust_i18n::locale();
        let other = known().iter().find_map(|it| it.translation(format, &locale)).or_else(plain)?;
        let values = template.values(&english)?;
        Some(filled(&other, &values, &locale))
    };
    translated().unwrap_or(english)
}

/// The same where the format string is not known: the one with the most letters that fits. Nothing if none
/// does, or if English is spoken.
pub fn find(english: &str) -> Option<String> {
    find_in(&rust_i18n::locale(), english)
}

/// The same for a reader of this language, `en` or `zh`: a server has readers of several.
pub fn find_in(locale: &str, english: &str) -> Option<String> {
    let known = known();
    if let Some(exactly) = known.iter().find_map(|it| it.translation(english, locale)) {
        return Some(exactly.into_owned());
    }
    let found = known.iter().flat_map(|it| it.fits(english, locale));
    found.max_by_key(|(letters, _)| *letters).map(|(_, other)| other)
}

fn known() -> Vec<Catalogue> {
    KNOWN.read().unwrap_or_else(|poisoned| poisoned.into_inner()).clone()
}

fn filled(other: &str, values: &[(&str, &str)], locale: &str) -> String {
    let values: Vec<_> = values.iter().map(|(name, it)| (*name, value(it, locale))).collect();
    Template::of(other).filled(&values)
}

/// A value may be an error of its own, or a text in a column.
fn value<'a>(value: &'a str, locale: &str) -> Cow<'a, str> {
    let text = value.trim_end();
    match find_in(locale, text) {
        Some(other) => {
            let blanks = if text.len() < value.len() { value.width() } else { 0 };
            Cow::Owned(format!("{other}{}", " ".repeat(blanks.saturating_sub(other.width()))))
        }
        None => advised(value, locale).map_or(Cow::Borrowed(value), Cow::Owned),
    }
}

/// A value at the end of an error, with the advice that stands behind the error.
fn advised(value: &str, locale: &str) -> Option<String> {
    let advice =
        |(at, mark): (usize, &str)| Some((at, find_in(locale, &value[at + mark.len()..])?));
    let (at, advice) = value.match_indices("; ").find_map(advice)?;
    let semicolon = if locale == "zh" { "；" } else { "; " };
    Some(format!("{}{semicolon}{advice}", self::value(&value[..at], locale)))
}

impl fmt::Debug for Catalogue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Catalogue").finish_non_exhaustive()
    }
}
