//! Lesson 03 is lesson 02's program, but for what says where a message ends.
#![expect(clippy::unwrap_used, reason = "a test fails with the line that unwraps")]

use std::fs;
use std::path::Path;

/// A file of a lesson's library.
fn source(lesson: &str, side: &str, file: &str) -> String {
    let lessons = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    fs::read_to_string(lessons.join(lesson).join(side).join("src").join(file)).unwrap()
}

const BROKEN: &str = "lesson02-sticky-packets";
const FIXED: &str = "lesson03-struct-header";

#[test]
fn the_siblings_of_the_struct_fix_are_the_same_at_both_ends() {
    for file in ["announce.rs", "json.rs"] {
        let same = source(FIXED, "server", file) == source(FIXED, "client", file);
        assert!(same, "{file} of the server and of the client differ");
    }
}

#[test]
fn lessons_02_and_03_have_the_same_public_names_in_the_same_order() {
    /// The items but for modules, which hold the siblings of the fix.
    fn names(code: &str) -> Vec<&str> {
        let items = code.lines().filter_map(|line| line.strip_prefix("pub "));
        let names = items.map(|item| item.split(['(', ':', '=', ';', '{']).next().unwrap().trim());
        names.filter(|name| !name.starts_with("mod ")).collect()
    }
    for side in ["server", "client"] {
        let [broken, fixed] = [BROKEN, FIXED].map(|lesson| source(lesson, side, "lib.rs"));
        assert_eq!(names(&broken), names(&fixed), "{side}");
        assert!(names(&broken).contains(&"fn receive_message"), "{side}: {:?}", names(&broken));
    }
}

#[test]
fn what_changes_from_lesson_02_to_03_fits_on_a_page() {
    const PAGE: usize = 30;
    for side in ["server", "client"] {
        let [broken, fixed] = [BROKEN, FIXED].map(|lesson| source(lesson, side, "lib.rs"));
        // What is written about a module or a function is not the fix: see scripts/diff.
        let is_code = |line: &&str| !line.starts_with("//!") && !line.starts_with("///");
        let [broken, fixed] =
            [&broken, &fixed].map(|code| code.lines().filter(is_code).collect::<Vec<_>>());
        let common = common_lines(&broken, &fixed);
        let [only_broken, only_fixed] = [broken.len() - common, fixed.len() - common];
        assert!(
            only_broken <= PAGE && only_fixed <= PAGE,
            "{side}: {only_broken} lines of lesson02 change into {only_fixed} of lesson03"
        );
    }
}

/// The length of the longest common subsequence.
fn common_lines(a: &[&str], b: &[&str]) -> usize {
    let mut above = vec![0; b.len() + 1];
    for line in a {
        let mut row = vec![0];
        for (index, other) in b.iter().enumerate() {
            let longest =
                if line == other { above[index] + 1 } else { above[index + 1].max(row[index]) };
            row.push(longest);
        }
        above = row;
    }
    above[b.len()]
}
