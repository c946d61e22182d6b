//! The links of a Markdown text, and where in the text their destinations stand.

use std::ops::Range;

use pulldown_cmark::{Event, LinkType, Options, Parser, Tag};

/// One destination: of a link, of a picture, or of an HTML attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Where the destination stands in the text.
    pub at: Range<usize>,
    /// What stands there.
    pub destination: String,
}

/// What GitHub reads and mdBook too.
pub(crate) fn options() -> Options {
    Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_FOOTNOTES
}

/// All destinations of a text, in order; none in code.
#[must_use]
pub fn links(text: &str) -> Vec<Link> {
    let mut found = Vec::new();
    for (event, at) in Parser::new_ext(text, options()).into_offset_iter() {
        match event {
            Event::Start(
                Tag::Link { link_type: LinkType::Inline, dest_url, .. }
                | Tag::Image { link_type: LinkType::Inline, dest_url, .. },
            ) => {
                // The destination is the last thing in a link, and its text may hold the same words.
                let Some(before) = text[at.clone()].rfind(&format!("]({dest_url}")) else {
                    continue;
                };
                let start = at.start + before + "](".len();
                found.push(Link {
                    at: start..start + dest_url.len(),
                    destination: dest_url.to_string(),
                });
            }
            Event::Html(_) | Event::InlineHtml(_) => found.extend(attributes(text, at)),
            _ => {}
        }
    }
    // A picture inside a link begins later and ends earlier than the link's own destination.
    found.sort_by_key(|link| link.at.start);
    found
}

/// The destinations among the attributes of a piece of HTML.
fn attributes(text: &str, at: Range<usize>) -> Vec<Link> {
    let mut found = Vec::new();
    for name in ["href=\"", "src=\"", "srcset=\""] {
        let mut from = at.start;
        while let Some(next) = text[from..at.end].find(name) {
            let start = from + next + name.len();
            let length = text[start..at.end].find('"').unwrap_or(at.end - start);
            from = start + length;
            // `src="` is no part of another word, such as `data-src="`.
            let begins = text[..start - name.len()].ends_with(char::is_whitespace);
            if begins {
                found.push(Link { at: start..from, destination: text[start..from].to_owned() });
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn destinations_are_found_in_links_pictures_and_html_and_not_in_code() {
        let text = "[a](a.md), [`b`](b.rs#x) and ![c](c.svg)\n\n| [d](d) | e |\n| --- | --- |\n| [e](e) | |\n\n\
            `[no](no.md)`\n\n```text\n[no](no.md)\n```\n\n<picture>\n  <source srcset=\"f.svg\">\n  \
            <img alt=\"x\" src=\"g.svg\">\n</picture>\n\n[h [i](i.md)](i.md) <https://example.org>\n";
        let found: Vec<_> = links(text).into_iter().map(|it| it.destination).collect();
        assert_eq!(found, ["a.md", "b.rs#x", "c.svg", "d", "e", "f.svg", "g.svg", "i.md"]);
        for link in links(text) {
            assert_eq!(text[link.at], link.destination);
        }
    }
}
