//! Places in the project: paths from its root, with `/` between the names on every system.

use std::path::{Path, PathBuf};

/// The place to which `link` leads from the text at `from`, and what stands behind its `#`.
///
/// `None` for a link that leaves the project by its address (`https://…`) or by its path (too many `..`).
#[must_use]
pub fn resolve<'a>(from: &str, link: &'a str) -> Option<(String, &'a str)> {
    if link.contains("://") || link.starts_with("mailto:") {
        return None;
    }
    let (path, fragment) = link.split_once('#').unwrap_or((link, ""));
    if path.is_empty() {
        return Some((from.to_owned(), fragment));
    }
    let mut names: Vec<&str> = from.split('/').collect();
    names.pop();
    for name in path.split('/') {
        match name {
            "" | "." => {}
            ".." => _ = names.pop()?,
            name => names.push(name),
        }
    }
    Some((names.join("/"), fragment))
}

/// How `to` is reached from the page at `from`, when both are places below the same folder.
pub(crate) fn relative(from: &str, to: &str) -> String {
    let from: Vec<&str> = from.split('/').collect();
    let to: Vec<&str> = to.split('/').collect();
    let folders = from.len() - 1;
    let most = folders.min(to.len() - 1);
    let common = (0..most).take_while(|&at| from[at] == to[at]).count();
    let up = std::iter::repeat_n("..", folders - common);
    up.chain(to[common..].iter().copied()).collect::<Vec<_>>().join("/")
}

/// The file of a place.
pub(crate) fn file(root: &Path, place: &str) -> PathBuf {
    place.split('/').fold(root.to_owned(), |path, name| path.join(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_followed_from_the_folder_of_its_text() {
        let lesson = "lessons/lesson01/README.md";
        let at = |place: &str, fragment| Some((place.to_owned(), fragment));
        assert_eq!(resolve(lesson, "tutorial.md#a"), at("lessons/lesson01/tutorial.md", "a"));
        assert_eq!(resolve(lesson, "../../README.md"), at("README.md", ""));
        assert_eq!(resolve(lesson, "#b"), at(lesson, "b"));
        assert_eq!(resolve(lesson, "./server/"), at("lessons/lesson01/server", ""));
        assert_eq!(resolve(lesson, "../../../secret"), None);
        assert_eq!(resolve(lesson, "https://example.org/a"), None);
    }

    #[test]
    fn a_page_is_reached_from_its_neighbour_and_from_afar() {
        assert_eq!(relative("a.md", "b.md"), "b.md");
        assert_eq!(relative("files/a/b.md", "files/c.md"), "../c.md");
        assert_eq!(relative("en/a.md", "files/x/y.html"), "../files/x/y.html");
        assert_eq!(relative("files/a/a/b.md", "files/a/c.md"), "../c.md");
    }
}
