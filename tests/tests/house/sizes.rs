//! How many lines of each lesson a reader should read.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::{table, tracked_files};

/// What is not read with the rest: the program around a lesson, and the tutorial's other bytes.
const FURNITURE: &[&str] = &["main", "program", "tutorial"];

/// What is a chapter of its own: the models of lesson 05 beside those of its `lib.rs`, and how lesson 09
/// shares a link. Package, module.
const CHAPTERS: &[(&str, &str)] = &[
    ("lesson05-server", "event"),
    ("lesson05-server", "datagrams"),
    ("lesson09-client", "congestion"),
];

/// The lines to read on one side of a lesson, by chapter: all of `src/` but the furniture, with the
/// lesson's `shared`. A chapter is the package itself, or one of the [`CHAPTERS`].
fn lines_to_read(folder: &Path, package: &str, side: &str) -> BTreeMap<String, usize> {
    let mut chapters = BTreeMap::new();
    for file in tracked_files().iter().filter(|file| file.extension() == Some("rs".as_ref())) {
        let inside = |part: &str| file.strip_prefix(folder.join(part).join("src")).ok();
        let Some(inside) = inside(side).or_else(|| inside("shared")) else { continue };
        let top = inside.iter().next().map(Path::new).and_then(Path::file_stem).unwrap();
        let top = top.to_str().unwrap();
        if FURNITURE.contains(&top) {
            continue;
        }
        let chapter = match CHAPTERS.contains(&(package, top)) {
            true => format!("{package}: {top}"),
            false => package.to_owned(),
        };
        let text = fs::read_to_string(e2e::root().join(file)).unwrap();
        *chapters.entry(chapter).or_default() += text.lines().count();
    }
    chapters
}

/// The rows of the table as the code says them: chapter, lines.
fn counted() -> Vec<(String, usize)> {
    let mut rows = Vec::new();
    for lesson in &e2e::manifest::read().lesson {
        let folder = Path::new("lessons").join(&lesson.folder);
        for side in ["server", "client"] {
            let package = format!("lesson{:02}-{side}", lesson.number);
            rows.extend(lines_to_read(&folder, &package, side));
        }
    }
    rows
}

#[test]
fn the_table_of_lines_to_read_is_true_and_no_side_is_above_its_limit() {
    let said: Vec<_> = table("sizes")
        .iter()
        .map(|row| {
            let [package, lines, limit] = row.as_slice() else { panic!("three cells: {row:?}") };
            let number = |cell: &str| cell.parse::<usize>().unwrap();
            (package.replace('`', ""), number(lines), number(limit))
        })
        .collect();
    let counted = counted();
    let limit = |package: &str| said.iter().find(|(name, ..)| name == package).map(|row| row.2);
    let now: String = counted
        .iter()
        .map(|(package, lines)| match limit(package) {
            Some(limit) => format!("| {package} | {lines} | {limit} |\n"),
            None => format!("| {package} | {lines} | … |\n"),
        })
        .collect();
    let is_true = said.iter().map(|(package, lines, _)| (package.clone(), *lines)).eq(counted);
    assert!(is_true, "the table in ARCHITECTURE.md should say:\n{now}");
    for (package, lines, limit) in said {
        assert!(lines <= limit, "{package}: {lines} lines to read, and {limit} are the limit");
    }
}
