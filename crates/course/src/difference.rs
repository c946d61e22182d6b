//! A solution, as a difference to what the learner has written.

use similar::{ChangeTag, TextDiff};

use crate::page::{BAD, FAINT, GOOD, paint};

/// How many lines around a change are shown.
const CONTEXT: usize = 3;

/// The lines that turn one text into the other; nothing if they are the same. Where lines end with a carriage
/// return, that makes no difference.
pub fn difference(own: &str, solution: &str) -> Option<String> {
    let (own, solution) = (own.replace("\r\n", "\n"), solution.replace("\r\n", "\n"));
    if own == solution {
        return None;
    }
    let mut out = String::new();
    let difference = TextDiff::from_lines(&own, &solution);
    for hunk in difference.unified_diff().context_radius(CONTEXT).iter_hunks() {
        out += &paint(FAINT, &hunk.header().to_string());
        out.push('\n');
        for change in hunk.iter_changes() {
            let line = change.value().trim_end_matches('\n');
            out += &match change.tag() {
                ChangeTag::Equal => format!(" {line}"),
                ChangeTag::Delete => paint(BAD, &format!("-{line}")),
                ChangeTag::Insert => paint(GOOD, &format!("+{line}")),
            };
            out.push('\n');
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_shown_and_line_ends_of_windows_do_not_differ() {
        assert_eq!(difference("a\r\nb\r\n", "a\nb\n"), None);
        let shown = difference("a\nb\n", "a\nc\n").unwrap();
        let shown = anstream::adapter::strip_str(&shown).to_string();
        assert_eq!(shown, "@@ -1,2 +1,2 @@\n a\n-b\n+c\n");
    }
}
