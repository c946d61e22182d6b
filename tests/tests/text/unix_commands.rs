//! Whoever reads at Windows is told what to type there, wherever a text says to type what only Unix has.

use std::collections::BTreeSet;

use crate::blocks::blocks;
use crate::{read, texts};

/// Programs that Windows lacks, or knows by another name.
const ONLY_UNIX: [&str; 25] = [
    "cmp", "cp", "df", "diff", "grep", "ip", "kill", "lsof", "md5sum", "mv", "nc", "pkill",
    "python3", "rm", "ss", "stdbuf", "strace", "sudo", "sysctl", "tc", "tcpdump", "touch",
    "truncate", "ulimit", "unshare",
];

/// Where a section needs no word of Windows: the end of its file's name, the heading, and why.
const EXCEPT: [(&str, &str, &str); 2] = [
    (
        "before-you-start",
        "Linux",
        "the section is about Linux; others beside it are about Windows and macOS",
    ),
    ("rust-for-python", "cargo run", "`python3` is what the reader knows, and is not to be typed"),
];

#[test]
fn each_command_that_is_unixs_has_its_windows_sister_in_the_same_section() {
    let mut missing = String::new();
    let mut used = BTreeSet::new();
    for path in texts() {
        let (text, name) = (read(&path), path.display().to_string());
        for section in sections(&text) {
            let heading = section.lines().next().unwrap_or_default();
            let typed: Vec<&str> = commands(section).filter(|it| is_only_unix(it)).collect();
            if typed.is_empty() || section.contains("Windows") {
                continue;
            }
            let except =
                EXCEPT.iter().find(|(file, part, _)| name.contains(file) && heading.contains(part));
            match except {
                Some(except) => _ = used.insert(except),
                None => missing += &format!("{name}, {heading}: {typed:?}\n"),
            }
        }
    }
    assert!(missing.is_empty(), "no word of Windows beside\n{missing}");
    assert_eq!(used.len(), EXCEPT.len(), "an exception that is none: {used:?}");
}

fn is_only_unix(command: &str) -> bool {
    let word = command.split(' ').next().unwrap_or_default();
    // The judge is told how to start a learner's program, in quotes within its own command.
    ONLY_UNIX.contains(&word) || command.contains("\"python3 ")
}

/// A heading with what stands below it, up to the next one.
fn sections(text: &str) -> Vec<&str> {
    let inside: Vec<_> = blocks(text).into_iter().map(|block| block.at).collect();
    let is_heading = |at: usize| {
        text.get(at..).is_some_and(|it| it.starts_with('#'))
            && !inside.iter().any(|it| it.contains(&at))
    };
    let lines = text.match_indices('\n').map(|(at, _)| at + 1);
    let mut cuts: Vec<usize> = lines.filter(|&at| is_heading(at)).collect();
    cuts.insert(0, 0);
    cuts.push(text.len());
    cuts.windows(2).filter_map(|it| text.get(it[0]..it[1])).collect()
}

/// What a section says to type: the lines of its shell blocks and behind its prompts, and what stands in its
/// sentences as code with a blank in it.
fn commands(section: &str) -> impl Iterator<Item = &str> {
    let blocks = blocks(section);
    let typed: Vec<&str> = blocks
        .iter()
        .flat_map(|block| {
            let is_shell = block.language == "sh";
            block
                .body
                .lines()
                .filter_map(move |it| it.strip_prefix("$ ").or(is_shell.then_some(it)))
        })
        .collect();
    let in_sentences =
        section.split('`').skip(1).step_by(2).filter(|it| it.contains(' ') && !it.contains('\n'));
    typed.into_iter().chain(in_sentences)
}
