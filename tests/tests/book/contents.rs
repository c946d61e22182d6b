//! The tables of contents, and the plays of the lab.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use book::{Book, Language, anchors, links, resolve};

use crate::{exists, read};

/// The texts of a language, from the root of the project: what a reader should find in the book.
fn texts(language: Language) -> BTreeSet<String> {
    let end = language.choose(".md", ".zh-CN.md");
    let mut texts = BTreeSet::from([format!("README{end}")]);
    for lesson in e2e::manifest::read().built() {
        for name in ["README", "tutorial"] {
            texts.insert(format!("lessons/{}/{name}{end}", lesson.folder));
        }
    }
    for room in ["lab", "course", "judge"] {
        texts.insert(format!("crates/{room}/README{end}"));
    }
    // English only: they are for those who write code and comments, which are English too.
    texts.extend(["ARCHITECTURE.md", "CONTRIBUTING.md"].map(str::to_owned));
    for entry in fs::read_dir(e2e::root().join(book::FOLDER)).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let is_chinese = name.ends_with(".zh-CN.md");
        let is_a_page = name.ends_with(".md") && !name.starts_with("SUMMARY") && name != "files.md";
        if is_a_page && is_chinese == (language == Language::Chinese) {
            texts.insert(format!("{}/{name}", book::FOLDER));
        }
    }
    texts
}

#[test]
fn each_table_of_contents_lists_every_text_of_its_language_and_nothing_else() {
    let root = e2e::root();
    let book = Book::read(&root).unwrap();
    for language in Language::ALL {
        let listed = book.edition(language).pages.iter().map(|page| page.source.clone());
        assert_eq!(BTreeSet::from_iter(listed), texts(language));
    }
}

#[test]
fn both_tables_of_contents_have_the_same_pages_in_the_same_order() {
    let root = e2e::root();
    let book = Book::read(&root).unwrap();
    let [english, chinese] = Language::ALL.map(|language| {
        book.edition(language).pages.iter().map(|page| page.name.as_str()).collect::<Vec<_>>()
    });
    assert_eq!(english, chinese);
}

#[test]
fn a_lesson_has_the_manifests_title_in_the_table_of_contents() {
    for language in Language::ALL {
        let summary = read(&book::summary_in(language));
        for lesson in e2e::manifest::read().built() {
            let title = language.choose(&lesson.title.en, &lesson.title.zh);
            let line = format!("- [{:02} {title}](", lesson.number);
            assert!(summary.contains(&line), "{}: no line {line}", book::summary_in(language));
        }
    }
}

/// What mdBook is given, without mdBook: every link leads to a page that is there, and to its heading.
#[test]
fn in_the_arranged_book_every_link_leads_to_a_page_and_its_heading() {
    let root = e2e::root();
    let folder = tempfile::tempdir().unwrap();
    Book::read(&root).unwrap().arrange(folder.path()).unwrap();
    let mut pages = BTreeMap::new();
    let mut left = vec![String::new()];
    while let Some(inner) = left.pop() {
        for entry in fs::read_dir(folder.path().join(&inner)).unwrap() {
            let entry = entry.unwrap();
            let place = format!("{inner}{}", entry.file_name().to_str().unwrap());
            if entry.path().is_dir() {
                left.push(format!("{place}/"));
            } else if place.ends_with(".md") {
                pages.insert(place, fs::read_to_string(entry.path()).unwrap());
            }
        }
    }
    assert!(pages.len() > 100, "{:?}", pages.keys());
    let mut wrong = Vec::new();
    for (page, text) in &pages {
        for link in links(text) {
            // Once built, the books lie side by side, without the folder `src`.
            let from = page.replacen("/src/", "/", 1);
            let Some((to, heading)) = resolve(&from, &link.destination) else { continue };
            let to = to.replacen('/', "/src/", 1);
            let to = to.strip_suffix(".html").map_or(to.clone(), |page| format!("{page}.md"));
            let is_there = match pages.get(&to) {
                Some(text) => heading.is_empty() || anchors(text).iter().any(|it| it == heading),
                None => to.contains("/pictures/") && folder.path().join(&to).is_file(),
            };
            if !is_there {
                wrong.push(format!("{page}: {}", link.destination));
            }
        }
    }
    assert!(wrong.is_empty(), "links to nothing:\n{}", wrong.join("\n"));
}

#[test]
fn every_lesson_names_a_play_of_the_lab_and_every_play_a_page_of_the_book() {
    let root = e2e::root();
    let book = Book::read(&root).unwrap();
    let chapters: Vec<&str> = book.lab().play.iter().map(|play| play.chapter.as_str()).collect();
    for lesson in e2e::manifest::read().built() {
        assert!(chapters.contains(&lesson.folder.as_str()), "{} names no play", lesson.folder);
    }
    for play in &book.lab().play {
        assert!(book.edition(Language::English).page(&play.chapter).is_some(), "{play:?}");
        assert!(!play.en.is_empty() && play.zh.contains(is_han), "{play:?}");
        let picture = play.picture.as_ref();
        let is_there =
            |name: &String| exists(&format!("crates/compare/pictures/{name}-en-light.svg"));
        assert!(picture.is_none_or(is_there), "{play:?}");
    }
}

pub(crate) fn is_han(letter: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&letter)
}
