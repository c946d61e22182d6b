//! The glossary: the same terms in both languages, each with a definition and the lesson that has it first, and
//! linked where a lesson uses one that it does not explain there.

use std::collections::BTreeSet;
use std::path::Path;

use e2e::{manifest, root};

use crate::blocks::anchors;
use crate::{GLOSSARY, LANGUAGES, page, pairs, read};

/// The most terms that a lesson may link: where every other word is a link, none is followed.
const MOST_LINKS: usize = 10;

/// A term, as one of the two pages has it: a heading, a line, and what it means.
struct Term {
    heading: String,
    /// The English page says here what the term is called in Chinese; the Chinese one has that in its heading.
    chinese: Option<String>,
    /// The label and the target of the link to the lesson where it is met first.
    met: [String; 2],
    definition: String,
}

fn terms(path: &Path) -> Vec<Term> {
    let text = read(path);
    let of_terms = text.split("\n### ").skip(1);
    let terms = of_terms.map(|part| term(part.split("\n## ").next().unwrap_or_default()));
    let terms: Vec<Term> = terms.collect();
    assert!(!terms.is_empty(), "{} has no term", path.display());
    terms
}

fn term(part: &str) -> Term {
    let mut paragraphs = part.split("\n\n").map(str::trim).filter(|it| !it.is_empty());
    let heading = paragraphs.next().unwrap_or_default().to_owned();
    let line = paragraphs.next().unwrap_or_default();
    let (words, link) = line
        .strip_suffix(')')
        .and_then(|line| line.split_once('['))
        .and_then(|(words, link)| Some((words, link.split_once("](")?)))
        .unwrap_or_else(|| panic!("{heading}: no lesson where it is met first:\n{line}"));
    let chinese = words.strip_suffix(" · first met in ").map(str::to_owned);
    assert!(
        chinese.is_some() || words == "首见",
        "{heading}: what stands before the lesson: {words}"
    );
    let met = [link.0, link.1].map(str::to_owned);
    Term { heading, chinese, met, definition: paragraphs.collect::<Vec<_>>().join("\n") }
}

#[test]
fn both_glossaries_have_the_same_terms_in_the_same_order() {
    let [english, chinese] = page(GLOSSARY).map(|path| terms(&path));
    let expected: Vec<String> = english
        .iter()
        .map(|term| {
            let name = term.chinese.as_deref().unwrap_or_default();
            assert!(!name.is_empty(), "{}: what is it in Chinese?", term.heading);
            // Where Chinese readers say the English word too, it does not stand there twice.
            match name.to_lowercase().contains(&term.heading.to_lowercase()) {
                true => name.to_owned(),
                false => format!("{name} {}", term.heading),
            }
        })
        .collect();
    let found: Vec<String> = chinese.into_iter().map(|term| term.heading).collect();
    assert_eq!(expected, found, "the headings that the English page asks for, and those there are");
    let unique: BTreeSet<&String> = found.iter().collect();
    assert_eq!(unique.len(), found.len(), "a term stands there twice: {found:?}");
}

#[test]
fn each_term_has_a_definition_in_whole_sentences() {
    for (path, end) in page(GLOSSARY).iter().zip(['.', '。']) {
        for term in terms(path) {
            let is_whole = term.definition.trim_end_matches([')', '）']).ends_with(end);
            assert!(
                is_whole,
                "{}: {}, defined as {:?}",
                path.display(),
                term.heading,
                term.definition
            );
        }
    }
}

/// That the links lead to headings is the test of all links.
#[test]
fn each_term_names_the_lesson_where_it_is_met_first() {
    let lessons = manifest::read().lesson;
    let [english, chinese] = page(GLOSSARY).map(|path| terms(&path));
    for (a, b) in english.iter().zip(&chinese) {
        let [file, other] = [a, b].map(|it| it.met[1].split('#').next().unwrap_or_default());
        assert_eq!(file.replace(".md", ".zh-CN.md"), other, "{}: the same text", a.heading);
        let lesson = lessons
            .iter()
            .find(|lesson| file.starts_with(&format!("../{}/", lesson.folder)))
            .unwrap_or_else(|| panic!("{}: {file} is of no lesson", a.heading));
        let labels =
            [format!("lesson {:02}", lesson.number), format!("第 {:02} 课", lesson.number)];
        assert_eq!([&a.met[0], &b.met[0]], [&labels[0], &labels[1]], "{}", a.heading);
        let has_heading = [a, b].iter().all(|it| it.met[1].contains('#'));
        assert!(has_heading, "{}: the lesson, but not its section", a.heading);
    }
}

/// Which term a link into the glossary means, by its number there.
fn linked(text: &str, file: &str, terms: &[String]) -> Vec<usize> {
    text.split("](")
        .skip(1)
        .filter_map(|rest| rest.split_once(')')?.0.split_once(&format!("{file}#")))
        .map(|(_, anchor)| {
            let at = terms.iter().position(|it| it == anchor);
            at.unwrap_or_else(|| panic!("{file} has no heading {anchor}"))
        })
        .collect()
}

#[test]
fn a_lesson_links_some_terms_once_each_and_the_same_in_both_languages() {
    let files = page(GLOSSARY);
    let anchors = files.each_ref().map(|path| anchors(&read(path)));
    let names = [format!("{GLOSSARY}.md"), format!("{GLOSSARY}.zh-CN.md")];
    for lesson in manifest::read().built() {
        let folder = root().join("lessons").join(&lesson.folder);
        let [english, chinese] = [0, 1].map(|language| {
            linked(&read(&folder.join(LANGUAGES[language])), &names[language], &anchors[language])
        });
        let unique: BTreeSet<usize> = english.iter().copied().collect();
        let place = &lesson.folder;
        assert!(!unique.is_empty(), "{place} links no term");
        assert!(unique.len() <= MOST_LINKS, "{place} links {} terms", unique.len());
        assert_eq!(unique.len(), english.len(), "{place} links a term twice");
        let others: BTreeSet<usize> = chinese.iter().copied().collect();
        assert_eq!(others.len(), chinese.len(), "{place}, in Chinese, links a term twice");
        let named = |ids: &BTreeSet<usize>, others: &BTreeSet<usize>| {
            ids.difference(others).map(|&id| anchors[0][id].clone()).collect::<Vec<_>>()
        };
        assert!(
            unique == others,
            "{place} links in English only {:?}, in Chinese only {:?}",
            named(&unique, &others),
            named(&others, &unique)
        );
    }
}

/// A page in one language that leads into the other's glossary would do so unseen, as the file is there.
#[test]
fn each_text_links_the_glossary_of_its_own_language() {
    for [english, chinese] in pairs() {
        let [english, chinese] = [english, chinese].map(|path| (read(&path), path));
        let strays = |text: &str, end: &str| text.contains(&format!("{GLOSSARY}{end}#"));
        assert!(!strays(&english.0, ".zh-CN.md"), "{}", english.1.display());
        assert!(!strays(&chinese.0, ".md"), "{}", chinese.1.display());
    }
}
