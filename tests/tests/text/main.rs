//! Keeps the texts true: what a README, a lesson's `tutorial.md` or a page of the book shows of a program is run
//! here, and compared.
//!
//! An HTML comment just before a code block says where the block comes from:
//!
//! | comment | what the block holds |
//! | --- | --- |
//! | `transcript` | a server and a client, or a proxy between them, each in its terminal: what stands after `$` is started, what stands after `>>: ` is typed |
//! | `output` | what the command after `$` prints; without one, what the Python block above prints. A line `…` stands for the lines that are left out |
//! | `figure` | a drawing, which nothing runs |
//! | `output zh`, `transcript zh`, `figure zh` | in a Chinese text: the same as a Chinese reader sees it; the English text has `output`, `transcript` or `figure` there |
//! | `packets: FILE` | the packets of that capture |
//! | ``code: FILE fn NAME`` | that function |
//! | ``code: FILE from `A` to `B` `` | the lines from the one that holds A to the next that holds B |
//!
//! `UPDATE_TEXTS=1 cargo test -p e2e --test text` writes these blocks anew, in every language;
//! `UPDATE_TEXTS=lesson03` only those of the folder whose path has this in it, `UPDATE_TEXTS=root` only those
//! of the README at the root.
// The transcripts in the text are of a Unix system.
#![cfg(unix)]
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a helper that panics fails the test with what it could not do"
)]

#[cfg(target_os = "linux")]
mod before_you_start;
mod blocks;
mod glossary;
mod packets;
mod run;
mod shape;
mod unix_commands;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use e2e::manifest::{self, Lesson};
use e2e::{has_opencv, root};

use crate::blocks::{Block, anchors, blocks, covers, excerpt, headings};
use crate::run::{cargo_run, finish, output, transcript, words};

/// Each README and its translation. Their blocks are the same, byte for byte, but for those in Chinese.
const LANGUAGES: [&str; 2] = ["README.md", "README.zh-CN.md"];
/// What a lesson tells beside it of the posts that it is about, and its translation.
const TUTORIAL: [&str; 2] = ["tutorial.md", "tutorial.zh-CN.md"];
/// What stands in the book beside the lessons, without `.md` and `.zh-CN.md`.
const PAGES: [&str; 5] = ["before-you-start", "rust-for-python", "the-house", "packets", GLOSSARY];
const GLOSSARY: &str = "glossary";

#[test]
fn every_block_shows_what_really_happens() {
    let update = std::env::var("UPDATE_TEXTS").ok();
    let is_asked = |folder: &Path| match update.as_deref() {
        None | Some("1") => true,
        Some("root") => folder == root(),
        Some(part) => folder.to_string_lossy().contains(part),
    };
    let mut wrong = String::new();
    for [english, chinese] in pairs() {
        let folder = english.parent().unwrap();
        if !can_run(folder) || !is_asked(folder) {
            continue;
        }
        for path in [&english, &chinese] {
            let (text, translation) = (read(path), read(&chinese));
            let blocks = blocks(&text);
            for (index, block) in blocks.iter().enumerate() {
                // What the Chinese text has in common with the English one is run once.
                let is_common = !self::blocks(&translation)[index].is_in_chinese();
                if path == &chinese && is_common {
                    continue;
                }
                let above = index.checked_sub(1).map(|above| &blocks[above]);
                let Some(came) = what_happens_instead(block, above, folder) else { continue };
                if update.is_none() {
                    wrong += &format!("{}, block {}\n", path.display(), index + 1);
                    wrong += &difference(block.body, &came);
                    continue;
                }
                rewrite(path, index, &came);
                if is_common {
                    rewrite(&chinese, index, &came);
                }
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "a text (-) differs from what happens (+); if it is the text that is wrong, write it anew \
         with UPDATE_TEXTS=1\n{wrong}"
    );
}

/// Whether what is to be run for the text in `folder` can be built here.
fn can_run(folder: &Path) -> bool {
    let of_folder = |lesson: &Lesson| folder.ends_with(&lesson.folder) && lesson.opencv;
    !manifest::read().built().any(of_folder) || has_opencv()
}

/// What a block should hold, if that is something else than it holds.
///
/// A broken lesson's answers depend on who is faster, by a millisecond or so in all that is shown
/// here; a machine with more to do may need another try.
fn what_happens_instead(block: &Block, above: Option<&Block>, folder: &Path) -> Option<String> {
    let source = block.source?;
    let mut came = String::new();
    for _ in 0..3 {
        came = match source.strip_prefix("code: ") {
            Some(place) => excerpt(place, folder),
            None if source.starts_with("figure") => return None,
            None if source.starts_with("packets: ") => {
                packets::listing(&folder.join(source.trim_start_matches("packets: ")))
            }
            None if source.starts_with("transcript") => {
                transcript(block.body, block.is_in_chinese())
            }
            None => output(block.body, above, block.is_in_chinese()),
        };
        if came == block.body {
            return None;
        }
    }
    Some(came)
}

#[test]
fn both_languages_have_the_same_blocks_and_headings_and_speak_of_the_same() {
    for pair in pairs() {
        let place = pair[1].display();
        let [english, chinese] = pair.each_ref().map(|path| read(path));
        for (a, b) in blocks(&english).iter().zip(&blocks(&chinese)) {
            if b.is_in_chinese() {
                let kind = b.source.and_then(|it| it.strip_suffix(" zh"));
                assert_eq!(a.source, kind, "{place}: the comments before the blocks");
                assert_eq!(typed(a.body), typed(b.body), "{place}: what is typed");
                assert!(b.body.chars().any(is_han), "{place}: no Chinese in\n{}", b.body);
                continue;
            }
            assert_eq!(a.source, b.source, "{place}: the comments before the blocks");
            assert!(a.body == b.body, "{place}\n{}", difference(a.body, b.body));
        }
        assert_eq!(blocks(&english).len(), blocks(&chinese).len(), "{place}: blocks");
        assert_eq!(headings(&english), headings(&chinese), "{place}: levels of the headings");
        assert_eq!(covers(&english), covers(&chinese), "{place}: facts, errors and bugs covered");
    }
}

/// What a person types in a block: commands, and lines at a prompt.
fn typed(body: &str) -> Vec<&str> {
    body.lines().filter(|line| line.starts_with("$ ") || line.starts_with(">>: ")).collect()
}

fn is_han(letter: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&letter)
}

#[test]
fn every_relative_link_leads_to_a_file_and_its_heading() {
    for path in texts() {
        for (link, _) in read(&path).split("](").skip(1).filter_map(|rest| rest.split_once(')')) {
            if link.contains("://") {
                continue;
            }
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let to = if file.is_empty() { path.clone() } else { path.with_file_name(file) };
            assert!(to.exists(), "{}: {link} leads nowhere", path.display());
            let is_there = anchor.is_empty() || anchors(&read(&to)).iter().any(|it| it == anchor);
            assert!(is_there, "{}: {link} leads to no heading", path.display());
        }
    }
}

#[test]
fn every_command_that_a_text_names_is_understood() {
    for path in texts() {
        for rest in read(&path).split("cargo run -p ").skip(1) {
            let line = rest.split(['`', '\n']).next().unwrap_or_default();
            if !line.contains("--example") {
                assert_understood(line);
            }
        }
        for rest in read(&path).split("--example ").skip(1) {
            let name = rest.split(['`', '\n', ' ']).next().unwrap_or_default();
            // The bare programs' targets have the package's name in theirs; their files do not.
            let stem = if name.starts_with("bare-lesson") { "bare" } else { name };
            let file = |side| format!("{side}/examples/{stem}.rs");
            let has = |folder: &PathBuf| {
                ["server", "client"].iter().any(|side| folder.join(file(side)).exists())
            };
            let is_there = name == "NAME" || folders().iter().any(has);
            assert!(is_there, "{}: no lesson has an example {name}", path.display());
        }
    }
}

#[test]
fn the_table_of_lessons_is_the_manifests() {
    for name in LANGUAGES {
        let text = read(&root().join(name));
        for lesson in manifest::read().lesson {
            let title = if name == "README.md" { &lesson.title.en } else { &lesson.title.zh };
            let named = format!("{:02} {title}", lesson.number);
            let row = text.lines().find(|line| line.starts_with('|') && line.contains(&named));
            let row = row.unwrap_or_else(|| panic!("{name} has no row with {named}"));
            let commands = lesson.packages.iter().map(|name| format!("`cargo run -p {name}`"));
            let place = [lesson.port.to_string(), format!("lessons/{}/{name}", lesson.folder)];
            for part in commands.chain(place) {
                assert_eq!(row.contains(&part), lesson.built, "{name}: {part} in the row\n{row}");
            }
        }
    }
}

#[test]
fn the_tables_of_probes_are_the_judges_list() {
    let list = finish(cargo_run(&words("cargo run -p judge -- list")));
    let mut sides: BTreeMap<&str, [usize; 2]> = BTreeMap::new();
    let mut now = ("", 0);
    for line in list.stdout.lines() {
        // `lesson 01, server: …` and `any protocol, client: …` stand above their requirements.
        if let Some((lesson, rest)) = line.split_once(", ").filter(|_| !line.starts_with(' ')) {
            let lesson = lesson.trim_start_matches("lesson ");
            now = (lesson, usize::from(rest.starts_with("client")));
        } else if line.split_whitespace().next().is_some_and(|word| word.contains('/')) {
            sides.entry(now.0).or_default()[now.1] += 1;
        }
    }
    assert!(sides.contains_key("any protocol"), "{}", list.stdout);
    for name in LANGUAGES {
        let text = read(&root().join("crates/judge").join(name));
        for (lesson, [server, client]) in &sides {
            let numbers = format!("| {server} | {client} |");
            let is_row =
                |line: &str| line.starts_with(&format!("| {lesson} ")) && line.contains(&numbers);
            assert!(text.lines().any(is_row), "{name}: no row | {lesson} … {numbers}");
        }
    }
}

/// An id stands in a text as code, or behind `--only`: `cuts/length-alone`.
#[test]
fn each_requirement_that_a_text_names_is_the_judges() {
    let list = finish(cargo_run(&words("cargo run -p judge -- list")));
    let ids: BTreeSet<&str> = list
        .stdout
        .split_whitespace()
        .filter(|word| word.contains('/') && !word.contains('.'))
        .collect();
    let topics: BTreeSet<&str> = ids.iter().filter_map(|id| id.split('/').next()).collect();
    let mut named = 0;
    for path in texts() {
        let text = read(&path);
        let code = text.split('`').skip(1).step_by(2);
        let behind = text
            .split("--only ")
            .skip(1)
            .filter_map(|rest| rest.split(['`', '\n', ' ', ';']).next());
        for word in code.chain(behind) {
            let Some((topic, name)) = word.split_once('/') else { continue };
            let is_id = topics.contains(topic)
                && name
                    .chars()
                    .all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '-');
            if is_id && !name.is_empty() {
                named += 1;
                assert!(ids.contains(word), "{}: the judge has no {word}", path.display());
            }
        }
    }
    assert!(named > 0, "no text names a requirement");
}

#[test]
fn lesson_02_names_the_requirements_that_it_does_not_hold() {
    let lessons = manifest::read().lesson;
    let second = lessons.iter().find(|lesson| lesson.number == 2).unwrap();
    for name in LANGUAGES {
        let text = read(&root().join("lessons").join(&second.folder).join(name));
        let must_fail = &second.judge.must_fail;
        for id in must_fail.server.iter().chain(&must_fail.client) {
            assert!(text.contains(id), "{name} should name {id}");
        }
    }
}

#[test]
fn every_row_from_the_tutorial_to_here_names_a_lesson_and_what_to_type() {
    let [english, chinese] = LANGUAGES.map(|name| read(&root().join(name)));
    assert_eq!(tutorial_rows(&english).len(), 25, "a row for each program of the tutorial");
    let lessons = manifest::read().lesson;
    for (row, other) in tutorial_rows(&english).iter().zip(tutorial_rows(&chinese)) {
        let [program, _, port, lesson, server, client] = row[..] else { panic!("{row:?}") };
        let is_built = server.contains("--");
        let same = if is_built { row[2..] == other[2..] } else { row[3] == other[3] };
        assert!(same, "the same row in both languages?\n{row:?}\n{other:?}");
        let named = |it: &&Lesson| it.packages[0] == format!("{lesson}-server");
        let lesson = lessons.iter().find(named).unwrap_or_else(|| panic!("no {lesson}"));
        assert_eq!(lesson.built, is_built, "{program}: built, or not");
        if is_built && !client.is_empty() {
            assert!(server.starts_with(&format!("--listen {port}")), "{program}: {server}");
            assert!(client.starts_with(&format!("--connect {port}")), "{program}: {client}");
            assert_understood(&format!("{} -- {server}", lesson.packages[0]));
            assert_understood(&format!("{} -- {client}", lesson.packages[1]));
        }
    }
}

/// Options are read in turn: a wrong one ends the program before it gets to the help.
fn assert_understood(line: &str) {
    let mut command = cargo_run(&words(&format!("cargo run -p {line}")));
    let output = command.arg("--help").output().unwrap();
    assert!(output.status.success(), "{line}\n{}", String::from_utf8_lossy(&output.stderr));
}

/// The rows of the table from the tutorial to here.
fn tutorial_rows(text: &str) -> Vec<Vec<&str>> {
    let rows = text.lines().filter(|line| line.starts_with("| s0"));
    let cells = rows.map(|row| row.trim_matches('|').split('|'));
    cells.map(|row| row.map(|cell| cell.trim().trim_matches('`')).collect()).collect()
}

fn difference(text: &str, came: &str) -> String {
    let lines = |mark, text: &str| text.lines().map(|line| format!("{mark} {line}\n")).collect();
    let [text, came]: [String; 2] = [lines('-', text), lines('+', came)];
    text + &came
}

fn rewrite(path: &Path, index: usize, body: &str) {
    let mut text = read(path);
    let at = blocks(&text)[index].at.clone();
    text.replace_range(at, body);
    fs::write(path, text).unwrap();
}

/// The folders that have a README: the root, each lesson, and the crates that are used by themselves.
fn folders() -> Vec<PathBuf> {
    let lessons = manifest::read().lesson.into_iter().filter(|lesson| lesson.built);
    let lessons = lessons.map(|lesson| root().join("lessons").join(lesson.folder));
    let crates = fs::read_dir(root().join("crates")).unwrap().map(|entry| entry.unwrap().path());
    // One without the other language is found too, and fails where that is read.
    let is_told = |folder: &PathBuf| LANGUAGES.iter().any(|name| folder.join(name).exists());
    let mut crates: Vec<PathBuf> = crates.filter(is_told).collect();
    crates.sort();
    [root()].into_iter().chain(lessons).chain(crates).collect()
}

/// A page of the book and its translation.
fn page(name: &str) -> [PathBuf; 2] {
    let book = root().join("lessons/book");
    [".md", ".zh-CN.md"].map(|end| book.join(format!("{name}{end}")))
}

/// The texts with their translations: the READMEs, beside a lesson's what it tells of the posts, and the pages
/// of the book.
fn pairs() -> Vec<[PathBuf; 2]> {
    let named = |names: [&str; 2], folder: &Path| names.map(|name| folder.join(name));
    let mut pairs = Vec::new();
    for folder in folders() {
        pairs.push(named(LANGUAGES, &folder));
        // One without the other language is found too, and fails where that is read.
        let tutorial = named(TUTORIAL, &folder);
        if tutorial.iter().any(|path| path.exists()) {
            pairs.push(tutorial);
        }
    }
    pairs.extend(PAGES.map(page));
    pairs
}

/// All texts, in all languages.
fn texts() -> Vec<PathBuf> {
    let mut texts = vec![root().join("ARCHITECTURE.md"), root().join("CONTRIBUTING.md")];
    texts.extend(pairs().into_iter().flatten());
    texts
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
