//! The shape of a lesson: a core that one finishes in one sitting, and beside it what it tells of the posts.

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::blocks::blocks;
use crate::{LANGUAGES, TUTORIAL, folders, read};

/// The longest a lesson's README may be, in words: whatever stands between spaces, code and figures too.
const MOST_WORDS: usize = 1800;
const WORDS_PER_MINUTE: usize = 200;

/// The lessons that have this shape: those that tell of the posts beside their README.
fn lessons() -> Vec<PathBuf> {
    let mut folders = folders();
    folders.retain(|folder| folder.join(TUTORIAL[0]).exists());
    folders
}

#[test]
fn a_lessons_readme_is_short_enough_to_finish() {
    for folder in lessons() {
        let words = read(&folder.join(LANGUAGES[0])).split_whitespace().count();
        let place = folder.display();
        assert!(words <= MOST_WORDS, "{place}: {words} words, more than {MOST_WORDS}");
    }
}

/// The English words read at an easy pace, a minute for each command, rounded up to five minutes.
#[test]
fn a_lessons_readme_says_at_its_top_how_many_minutes_it_takes() {
    for folder in lessons() {
        let english = read(&folder.join(LANGUAGES[0]));
        let words = english.split_whitespace().count();
        let commands = commands(&english).len();
        let minutes = (words.div_ceil(WORDS_PER_MINUTE) + commands).next_multiple_of(5);
        for (name, said) in LANGUAGES
            .iter()
            .zip([format!("About {minutes} minutes"), format!("大约需要 {minutes} 分钟")])
        {
            let text = read(&folder.join(name));
            let top = text.split("\n## ").next().unwrap_or_default();
            assert!(
                top.contains(&said),
                "{}/{name} should say at its top: {said} ({words} words, {commands} commands)",
                folder.display()
            );
        }
    }
}

#[test]
fn a_lessons_readme_ends_with_five_things_known_three_questions_and_the_course() {
    for folder in lessons() {
        for (name, [known, questions, course]) in LANGUAGES.iter().zip([
            ["You now know", "Three questions", "Your turn"],
            ["现在你知道了", "三个问题", "轮到你了"],
        ]) {
            let text = read(&folder.join(name));
            let place = format!("{}/{name}", folder.display());
            let section = |title: &str| {
                let (_, rest) = text
                    .split_once(&format!("\n## {title}\n"))
                    .unwrap_or_else(|| panic!("{place} has no section {title}"));
                rest.split("\n## ").next().unwrap_or_default()
            };
            let lines = section(known).lines().filter(|line| line.starts_with("- ")).count();
            assert_eq!(lines, 5, "{place}: lines under {known}");
            for mark in ["<details>", "<summary>", "</summary>", "</details>"] {
                let count = section(questions).matches(mark).count();
                assert_eq!(count, 3, "{place}: {mark} under {questions}");
            }
            assert!(section(course).contains("cargo run -p course"), "{place}: {course}");
        }
    }
}

/// Lesson 01 has the table of the posts that the lessons are about; the others name some of them.
#[test]
fn the_posts_have_the_same_addresses_everywhere() {
    let folders = lessons();
    for name in TUTORIAL {
        let table = read(&folders[0].join(name));
        assert_eq!(posts(&table).len(), 2, "{name}: the posts whose address is known");
        for folder in &folders {
            let place = format!("{}/{name}", folder.display());
            let unknown: Vec<String> = posts(&read(&folder.join(name)))
                .into_iter()
                .filter(|address| !table.contains(address))
                .collect();
            assert!(unknown.is_empty(), "{place}: not in lesson 01's table: {unknown:?}");
        }
    }
}

/// The addresses of posts to which a text links.
fn posts(text: &str) -> Vec<String> {
    let links = text.split("](https://").skip(1).filter_map(|rest| rest.split(')').next());
    let is_post = |link: &&str| link.contains("blog.csdn.net") || link.contains("cnblogs.com");
    links.filter(is_post).map(|link| format!("](https://{link})")).collect()
}

/// What the reader types at a shell, each command once.
fn commands(text: &str) -> BTreeSet<&str> {
    let blocks = blocks(text);
    let of_shell = blocks.iter().filter(|block| block.language == "sh");
    let whole = of_shell.flat_map(|block| block.body.lines()).filter(|line| !line.is_empty());
    let shown = blocks.iter().flat_map(|block| block.body.lines());
    whole.chain(shown.filter_map(|line| line.strip_prefix("$ "))).collect()
}
