//! The pages on which the project's own files are printed.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::place;

/// The page of a file or of a folder, below the folder of all listings: its Markdown.
pub(crate) fn page(root: &Path, place: &str) -> String {
    if place::file(root, place).is_dir() {
        return format!("{place}/index.md");
    }
    // mdBook takes `.md` for the ending of a page in the middle of a name, too.
    match place.strip_suffix(".md") {
        Some(name) => format!("{name}-md.md"),
        None => format!("{place}.md"),
    }
}

/// The texts that lie in a folder itself, by name; what lies in folders below it is left out.
pub(crate) fn texts_in(root: &Path, folder: &str) -> Result<Vec<String>> {
    let mut names = BTreeSet::new();
    let path = place::file(root, folder);
    for entry in fs::read_dir(&path).with_context(|| format!("cannot read {folder}"))? {
        let name = entry.with_context(|| format!("cannot read {folder}"))?.file_name();
        let name = name.to_string_lossy().into_owned();
        // What an editor leaves behind is no file of the project.
        if !name.starts_with('.') && text_of(root, &format!("{folder}/{name}")).is_ok() {
            names.insert(name);
        }
    }
    Ok(names.into_iter().collect())
}

/// A file's text.
pub(crate) fn text_of(root: &Path, place: &str) -> Result<String> {
    let bytes =
        fs::read(place::file(root, place)).with_context(|| format!("cannot read {place}"))?;
    match String::from_utf8(bytes) {
        Ok(text) => Ok(text),
        Err(_) => bail!("{place} is no text, and cannot be printed in the book"),
    }
}

/// The Markdown that prints a file.
pub(crate) fn print(place: &str, text: &str) -> String {
    let language = match place.rsplit_once('.') {
        Some((_, "rs")) => "rust",
        Some((_, "py")) => "python",
        Some((_, "toml")) => "toml",
        Some((_, "md")) => "markdown",
        Some((_, "js")) => "javascript",
        Some((_, "css")) => "css",
        _ => "text",
    };
    let fence = "`".repeat(longest_run(text).max(2) + 1);
    // mdBook takes a line of Rust that begins with a lone `#` for one that documentation hides.
    let shown = |line: &str| match language == "rust" && is_hidden(line) {
        true => format!("#{line}\n"),
        false => format!("{line}\n"),
    };
    let lines: String = text.lines().map(shown).collect();
    format!("# {place}\n\n{fence}{language}\n{lines}{fence}\n")
}

fn is_hidden(line: &str) -> bool {
    let line = line.trim_start();
    line == "#" || line.starts_with("# ")
}

fn longest_run(text: &str) -> usize {
    text.split(|letter| letter != '`').map(str::len).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_printed_within_a_fence_that_it_cannot_close() {
        assert_eq!(print("a/b.py", "x = 1\n"), "# a/b.py\n\n```python\nx = 1\n```\n");
        let text = print("a.md", "````\nx\n````");
        assert!(text.contains("\n`````markdown\n````\nx\n````\n`````\n"), "{text}");
    }

    #[test]
    fn no_line_of_rust_is_hidden() {
        assert!(print("a.rs", "# x\n#[test]\n").ends_with("\n## x\n#[test]\n```\n"));
        assert!(print("a.py", "# x\n").ends_with("\n# x\n```\n"));
    }
}
