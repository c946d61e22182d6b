//! The two editions of the book, and the order of their pages.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};

use crate::links::links;
use crate::{FOLDER, place};

/// A language of the book.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// English.
    English,
    /// Simplified Chinese.
    Chinese,
}

impl Language {
    /// Both, English first.
    pub const ALL: [Language; 2] = [Language::English, Language::Chinese];

    /// The name of its folder.
    #[must_use]
    pub fn folder(self) -> &'static str {
        self.choose("en", "zh")
    }

    /// Its name for a browser.
    #[must_use]
    pub fn tag(self) -> &'static str {
        self.choose("en", "zh-CN")
    }

    /// The other one.
    #[must_use]
    pub fn other(self) -> Language {
        self.choose(Language::Chinese, Language::English)
    }

    /// One of two, by the language.
    #[must_use]
    pub fn choose<T>(self, english: T, chinese: T) -> T {
        match self {
            Language::English => english,
            Language::Chinese => chinese,
        }
    }
}

/// A page of one edition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The place of its text in the project.
    pub source: String,
    /// Its name in the book, without an ending. Both editions have the same.
    pub name: String,
}

/// The book in one language.
#[derive(Debug)]
pub struct Edition {
    /// Its language.
    pub language: Language,
    /// Its table of contents, as it stands in the project.
    pub summary: String,
    /// Its pages, in order.
    pub pages: Vec<Page>,
}

/// The place of an edition's table of contents.
#[must_use]
pub fn summary_in(language: Language) -> String {
    format!("{FOLDER}/{}", language.choose("SUMMARY.md", "SUMMARY.zh-CN.md"))
}

impl Edition {
    /// Reads the table of contents of a language.
    ///
    /// # Errors
    /// When it cannot be read, or lists what is no text of this project, or one text twice.
    pub fn read(root: &Path, language: Language) -> Result<Edition> {
        let place = summary_in(language);
        let summary = fs::read_to_string(place::file(root, &place))
            .with_context(|| format!("cannot read {place}"))?;
        let mut pages: Vec<Page> = Vec::new();
        let mut names = BTreeMap::new();
        for link in links(&summary) {
            let source = match place::resolve(&place, &link.destination) {
                Some((source, "")) => source,
                _ => bail!("{place}: {} is no page, but something else", link.destination),
            };
            ensure!(
                place::file(root, &source).is_file(),
                "{place}: there is no file {source}; write it, or take it out of the table of contents"
            );
            let name = name(&source);
            if let Some(before) = names.insert(name.clone(), source.clone()) {
                bail!("{place}: {before} and {source} would both be the page {name}");
            }
            pages.push(Page { source, name });
        }
        Ok(Edition { language, summary, pages })
    }

    /// The page that is made of a text.
    #[must_use]
    pub fn page_of(&self, source: &str) -> Option<&Page> {
        self.pages.iter().find(|page| page.source == source)
    }

    /// The page of this name.
    #[must_use]
    pub fn page(&self, name: &str) -> Option<&Page> {
        self.pages.iter().find(|page| page.name == name)
    }
}

/// `lessons/lesson01-basic-tcp/tutorial.zh-CN.md` → `lesson01-basic-tcp-tutorial`.
fn name(source: &str) -> String {
    let name = source.strip_suffix(".md").unwrap_or(source);
    let name = name.strip_suffix(".zh-CN").unwrap_or(name);
    let folder = ["lessons/book/", "lessons/", "crates/"];
    let name = folder.iter().find_map(|folder| name.strip_prefix(folder)).unwrap_or(name);
    match name {
        "README" => "index".to_owned(),
        name => name.strip_suffix("/README").unwrap_or(name).replace('/', "-"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_the_same_name_in_both_languages() {
        let names = [
            ("README", "index"),
            ("lessons/lesson01-basic-tcp/README", "lesson01-basic-tcp"),
            ("lessons/lesson01-basic-tcp/tutorial", "lesson01-basic-tcp-tutorial"),
            ("crates/judge/README", "judge"),
            ("lessons/book/glossary", "glossary"),
        ];
        for (source, expected) in names {
            assert_eq!(name(&format!("{source}.md")), expected);
            assert_eq!(name(&format!("{source}.zh-CN.md")), expected);
        }
    }
}
