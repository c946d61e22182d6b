//! The plays of the lab that belong to a chapter or to a picture.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use crate::order::Language;
use crate::{FOLDER, place};

/// `lab.toml`: where the lab is found, and what is played there.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lab {
    /// The lab's own address, as it is when nobody chooses another port.
    pub address: String,
    /// The plays, in the order in which a chapter names them.
    pub play: Vec<Play>,
}

/// One play.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Play {
    /// The page that names it.
    pub chapter: String,
    /// What stands behind the `#` of its address.
    pub at: String,
    /// What it is called in English.
    pub en: String,
    /// What it is called in Chinese.
    pub zh: String,
    /// The picture that shows this play: how the names of its files begin.
    pub picture: Option<String>,
}

impl Lab {
    /// Reads `lab.toml`.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read(root: &Path) -> Result<Lab> {
        let name = format!("{FOLDER}/lab.toml");
        let text = fs::read_to_string(place::file(root, &name))
            .with_context(|| format!("cannot read {name}"))?;
        toml::from_str(&text).with_context(|| format!("cannot understand {name}"))
    }

    /// Where a play is found by a reader of this language.
    #[must_use]
    pub fn url(&self, play: &Play, language: Language) -> String {
        // `<` and a space would end the destination of a link.
        let at = play.at.replace('<', "%3C").replace('>', "%3E").replace(' ', "%20");
        format!("{}?lang={}#{at}", self.address, language.folder())
    }

    /// Puts the links to a chapter's plays behind its section "What to type", and one below each picture of a
    /// play.
    pub(crate) fn insert(
        &self,
        chapter: &str,
        language: Language,
        text: &mut String,
    ) -> Result<()> {
        for play in &self.play {
            let Some(picture) = &play.picture else { continue };
            let (Some(shown), end) = (text.find(&format!("/{picture}-")), "</picture>") else {
                continue;
            };
            let Some(behind) = text[shown..].find(end).map(|at| shown + at + end.len()) else {
                continue;
            };
            let words = language.choose("Play this in the lab", "在实验室里播放这幅图");
            let start = language.choose(
                " (first start it: `cargo run -p lab`)",
                "（先启动它：`cargo run -p lab`）",
            );
            let link = format!("\n\n[{words}]({}){start}\n", self.url(play, language));
            text.insert_str(behind, &link);
        }
        let plays: Vec<String> = self
            .play
            .iter()
            .filter(|play| play.chapter == chapter && play.picture.is_none())
            .map(|play| {
                format!("[{}]({})", language.choose(&play.en, &play.zh), self.url(play, language))
            })
            .collect();
        if plays.is_empty() {
            return Ok(());
        }
        let next = language.choose("\n## The idea\n", "\n## 原理\n");
        let at = text.find(next);
        ensure!(
            at.is_some(),
            "{chapter} has plays in the lab, and no section{next}before which they are named"
        );
        let words = language.choose(
            "> **In the lab**, on your own sockets: start it with `cargo run -p lab`, then open ",
            "> **在实验室里看**：先运行 `cargo run -p lab`，再打开",
        );
        let (between, end) = language.choose((" · ", "."), (" · ", "。"));
        let note = format!("\n{words}{}{end}\n", plays.join(between));
        text.insert_str(at.unwrap_or_default(), &note);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lab() -> Lab {
        let play = |at: &str, picture: Option<&str>| Play {
            chapter: "a".to_owned(),
            at: at.to_owned(),
            en: "two".to_owned(),
            zh: "两次".to_owned(),
            picture: picture.map(str::to_owned),
        };
        let address = "http://127.0.0.1:8017/".to_owned();
        Lab {
            address,
            play: vec![play("bench&framing=none,<i&text=a b", None), play("guided=1", Some("x"))],
        }
    }

    #[test]
    fn a_chapter_names_its_plays_before_the_idea_and_a_picture_its_own() {
        let picture = "<picture>\n<img src=\"p/x-en-light.svg\">\n</picture>\n";
        let mut text = format!("{picture}\n## What to type\n\nx\n\n## The idea\n\ny\n");
        lab().insert("a", Language::English, &mut text).unwrap();
        let link = "[two](http://127.0.0.1:8017/?lang=en#bench&framing=none,%3Ci&text=a%20b).\n\n## The idea";
        assert!(text.contains(link), "{text}");
        assert!(
            text.contains(
                "</picture>\n\n[Play this in the lab](http://127.0.0.1:8017/?lang=en#guided=1)"
            ),
            "{text}"
        );
    }

    #[test]
    fn a_chapter_without_the_section_is_an_error_and_another_chapter_stays_as_it_is() {
        let mut text = "# A\n".to_owned();
        assert!(lab().insert("a", Language::Chinese, &mut text).is_err());
        lab().insert("b", Language::Chinese, &mut text).unwrap();
        assert_eq!(text, "# A\n");
    }
}
