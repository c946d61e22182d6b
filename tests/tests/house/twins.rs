//! No two files say the same, but those that are meant to.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use crate::tracked_files;

/// The least number of lines of a file that is worth sharing.
const MIN_LINES: usize = 40;

/// The share of the shorter file's lines from which on two files are twins.
const TWIN_SHARE: f64 = 0.8;

/// The twins that are meant to be, each with the reason.
const INTENDED: &[(&str, &str, &str)] = &[
    (
        "crates/endpoint/src/backoff.rs",
        "lessons/lesson05-threaded/client/src/backoff.rs",
        "lesson 05 spells out what later lessons call, and a test holds both to the same pauses",
    ),
    (
        "lessons/lesson03-struct-header/client/src/announce.rs",
        "lessons/lesson03-struct-header/server/src/announce.rs",
        "a reader compares both ends of the first fix",
    ),
    (
        "lessons/lesson03-struct-header/client/src/json.rs",
        "lessons/lesson03-struct-header/server/src/json.rs",
        "a reader compares both ends of the last fix",
    ),
];

/// Here each file is the one before with a few lines more, which a test of the course holds.
const GROWING: &str = "crates/course/stages";

/// The lines of a file, each as a number that stands for it, in the order of these numbers; blank lines
/// do not count.
fn lines(text: &str) -> Vec<u64> {
    let number = |line: &str| {
        let mut hasher = DefaultHasher::new();
        line.hash(&mut hasher);
        hasher.finish()
    };
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let mut numbers: Vec<u64> = lines.map(number).collect();
    numbers.sort_unstable();
    numbers
}

/// The share of the shorter file's lines that stand in the other one too.
fn share(a: &[u64], b: &[u64]) -> f64 {
    let (mut left, mut right, mut both) = (a, b, 0);
    while let ([first, rest @ ..], [other, others @ ..]) = (left, right) {
        both += usize::from(first == other);
        if first <= other {
            left = rest;
        }
        if other <= first {
            right = others;
        }
    }
    both as f64 / a.len().min(b.len()) as f64
}

/// The steps from a `bare.rs` to the `lib.rs` are to differ in a few lines only: `tests/steps.rs` holds that.
fn are_steps(path: &Path, other: &Path) -> bool {
    let is_step = |it: &Path| it.parent().is_some_and(|folder| folder.ends_with("examples/steps"));
    let examples =
        |it: &Path| it.ancestors().find(|it| it.ends_with("examples")).map(Path::to_owned);
    (is_step(path) || is_step(other)) && examples(path) == examples(other)
}

#[test]
fn no_two_files_share_four_fifths_of_their_lines_but_those_that_are_meant_to() {
    let is_code = |path: &&PathBuf| {
        path.extension().is_some_and(|extension| extension == "rs" || extension == "py")
    };
    let read = |path| (path, fs::read_to_string(e2e::root().join(path)).unwrap());
    let files = tracked_files().iter().filter(is_code).filter(|path| !path.starts_with(GROWING));
    let files: Vec<_> = files.map(read).collect();
    let long = files.iter().filter(|(_, text)| text.lines().count() >= MIN_LINES);
    let long: Vec<_> = long.map(|(path, text)| (path.as_path(), lines(text))).collect();
    let mut twins = Vec::new();
    for (number, (path, numbers)) in long.iter().enumerate() {
        for (other, other_numbers) in &long[number + 1..] {
            let share = share(numbers, other_numbers);
            if share >= TWIN_SHARE && !are_steps(path, other) {
                twins.push((*path, *other, share));
            }
        }
    }
    let intended = |path: &Path, other: &Path| {
        INTENDED.iter().any(|(a, b, _)| Path::new(a) == path && Path::new(b) == other)
    };
    let wrong = twins.iter().filter(|(path, other, _)| !intended(path, other));
    let wrong: Vec<_> = wrong
        .map(|(path, other, share)| {
            format!("{:.0} %  {}  {}", share * 100.0, path.display(), other.display())
        })
        .collect();
    assert!(wrong.is_empty(), "twins that have no reason:\n{}", wrong.join("\n"));
    for (path, other, reason) in INTENDED {
        assert!(
            twins.iter().any(|(a, b, _)| Path::new(path) == *a && Path::new(other) == *b),
            "{path} and {other} are no twins any more ({reason}): take them off the list"
        );
    }
}
