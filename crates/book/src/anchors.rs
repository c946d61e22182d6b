//! The names by which a link finds a heading.

use std::collections::BTreeMap;

use pulldown_cmark::{Event, Parser, Tag, TagEnd};

use crate::links::options;

/// The names of all headings of a text, in order, as GitHub makes them, and mdBook too.
#[must_use]
pub fn anchors(text: &str) -> Vec<String> {
    let mut anchors = Vec::new();
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut title: Option<String> = None;
    for event in Parser::new_ext(text, options()) {
        match event {
            Event::Start(Tag::Heading { .. }) => title = Some(String::new()),
            Event::End(TagEnd::Heading(_)) => {
                let name = anchor(&title.take().unwrap_or_default());
                let times = seen.entry(name.clone()).or_default();
                anchors.push(if *times == 0 { name } else { format!("{name}-{times}") });
                *times += 1;
            }
            Event::Text(text) | Event::Code(text) => {
                if let Some(title) = &mut title {
                    title.push_str(&text);
                }
            }
            _ => {}
        }
    }
    anchors
}

/// Lower case; a space becomes a hyphen; what is neither letter, digit, hyphen nor underscore is left out.
fn anchor(title: &str) -> String {
    let kept =
        title.trim().chars().filter(|it| it.is_alphanumeric() || [' ', '-', '_'].contains(it));
    kept.flat_map(char::to_lowercase).map(|it| if it == ' ' { '-' } else { it }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_heading_is_named_by_its_letters_and_the_second_of_a_name_by_a_number() {
        let text = "# A *b*, `c_d`!\n\n```sh\n# no heading\n```\n\n## 第 01 课：基本 TCP\n\n## Same\n\n## Same\n";
        assert_eq!(anchors(text), ["a-b-c_d", "第-01-课基本-tcp", "same", "same-1"]);
    }
}
