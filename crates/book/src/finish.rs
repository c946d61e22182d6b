//! What mdBook has no place for, put into the pages that it has built: the way to the same page in the other
//! language, the search, and Chinese words on its buttons.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::order::Language;
use crate::{FOLDER, listing};

/// Where a page has room for buttons of ours.
const BUTTONS: &str = "<div class=\"right-buttons\">";
/// Where a page's own text begins.
const TEXT: &str = "<main>";
/// How a page's own title begins.
const TITLE: &str = "<h1 id=";

/// mdBook's words on the buttons of each page, and the same in Chinese.
const WORDS: [(&str, &str); 15] = [
    ("Toggle Table of Contents", "显示或隐藏目录"),
    ("\"Table of contents\"", "\"目录\""),
    ("\"Change theme\"", "\"更换配色\""),
    ("\"Themes\"", "\"配色\""),
    (">Auto<", ">跟随系统<"),
    (">Light<", ">浅色<"),
    (">Rust<", ">铁锈<"),
    (">Coal<", ">炭黑<"),
    (">Navy<", ">海军蓝<"),
    (">Ayu<", ">暗青<"),
    ("\"Page navigation\"", "\"翻页\""),
    (
        "<h2 class=\"mdbook-help-title\">Keyboard shortcuts</h2>",
        "<h2 class=\"mdbook-help-title\">快捷键</h2>",
    ),
    (
        "<p>Press <kbd>←</kbd> or <kbd>→</kbd> to navigate between chapters</p>",
        "<p><kbd>←</kbd> <kbd>→</kbd>：上一章、下一章</p>",
    ),
    ("<p>Press <kbd>?</kbd> to show this help</p>", "<p><kbd>?</kbd>：显示快捷键</p>"),
    ("<p>Press <kbd>Esc</kbd> to hide this help</p>", "<p><kbd>Esc</kbd>：关闭快捷键</p>"),
];

/// Words that only pages with a neighbour on that side have.
const NEIGHBOURS: [(&str, &str); 2] = [("Previous chapter", "上一章"), ("Next chapter", "下一章")];

/// Finishes all pages of the three books in `built`, and writes `index.html`, which leads to either language.
///
/// # Errors
/// When a page is not as mdBook has made it until now, or a file cannot be read or written.
pub fn finish(root: &Path, built: &Path) -> Result<()> {
    for language in Language::ALL {
        each_page(&built.join(language.folder()), &|place, html| {
            edition_page(language, place, html)
        })?;
    }
    each_page(&built.join("files"), &|place, html| {
        let up = "../".repeat(place.matches('/').count() + 1);
        let way = |language: Language, name| {
            format!(
                "<a class=\"other-language\" lang=\"{}\" href=\"{up}{}/index.html\">{name}</a>",
                language.tag(),
                language.folder()
            )
        };
        let both = way(Language::English, "English") + &way(Language::Chinese, "中文");
        put(html, BUTTONS, &format!("{BUTTONS}{both}"))
    })?;
    let index = listing::text_of(root, &format!("{FOLDER}/index.html"))?;
    let file = built.join("index.html");
    fs::write(&file, index).with_context(|| format!("cannot write {}", file.display()))
}

/// A page of an edition: with the other language and the search, and its own text marked for the search's index.
fn edition_page(language: Language, place: &str, html: &str) -> Result<String> {
    let other = language.other();
    let name = language.choose("中文", "English");
    let (tag, folder) = (other.tag(), other.folder());
    let search = language.choose("Search", "搜索");
    let buttons = format!(
        "{BUTTONS}<button id=\"search-toggle\" class=\"icon-button\" type=\"button\" aria-haspopup=\"dialog\">{search}</button>\
         <a class=\"other-language\" lang=\"{tag}\" hreflang=\"{tag}\" href=\"../{folder}/{place}\">{name}</a>"
    );
    let html = put(html, BUTTONS, &buttons)?;
    let html = put(&html, TEXT, "<main data-pagefind-body>")?;
    // The first heading of a page is the book's title, and the search would take it for the page's.
    ensure!(html.contains(TITLE), "the page has no title");
    let mut html = html.replacen(TITLE, "<h1 data-pagefind-meta=\"title\" id=", 1);
    if language == Language::Chinese {
        for (english, chinese) in WORDS {
            ensure!(html.contains(english), "mdBook does not say {english} any more");
            html = html.replace(english, chinese);
        }
        for (english, chinese) in NEIGHBOURS {
            html = html.replace(english, chinese);
        }
    }
    Ok(html)
}

/// Replaces what stands once in a page.
fn put(html: &str, old: &str, new: &str) -> Result<String> {
    let times = html.matches(old).count();
    ensure!(times == 1, "mdBook writes {old} {times} times, and not once");
    Ok(html.replacen(old, new, 1))
}

/// Rewrites each page below a folder; what rewrites it is given its place, with `/` between the names.
fn each_page(folder: &Path, rewrite: &dyn Fn(&str, &str) -> Result<String>) -> Result<()> {
    let mut folders = vec![String::new()];
    while let Some(inner) = folders.pop() {
        let path = inner.split('/').fold(folder.to_owned(), |path, name| path.join(name));
        for entry in
            fs::read_dir(&path).with_context(|| format!("cannot read {}", path.display()))?
        {
            let entry = entry?;
            let place = format!("{inner}{}", entry.file_name().to_string_lossy());
            // The list for readers without scripts stands in a frame: it has no buttons.
            if entry.path().is_dir() {
                folders.push(format!("{place}/"));
            } else if place.ends_with(".html") && place != "toc.html" {
                let page = entry.path();
                let html = fs::read_to_string(&page)
                    .with_context(|| format!("cannot read {}", page.display()))?;
                let html = rewrite(&place, &html).with_context(|| page.display().to_string())?;
                fs::write(&page, html)
                    .with_context(|| format!("cannot write {}", page.display()))?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As little of a page as mdBook writes, with all that is replaced.
    fn page() -> String {
        let words: String = WORDS.iter().map(|(english, _)| format!("<i {english}</i>")).collect();
        format!(
            "<h1 class=\"menu-title\">book</h1>{words}{BUTTONS}</div>{TEXT}<h1 id=\"a\">A</h1><h1 id=\"b\">B</h1></main>"
        )
    }

    #[test]
    fn a_page_leads_to_the_same_page_in_the_other_language_and_says_what_it_is_called() {
        let english = edition_page(Language::English, "a.html", &page()).unwrap();
        assert!(english.contains("href=\"../zh/a.html\">中文</a>"), "{english}");
        assert!(english.contains("<main data-pagefind-body><h1 data-pagefind-meta=\"title\" id=\"a\">A</h1><h1 id=\"b\">"), "{english}");
        assert!(english.contains("Change theme"), "{english}");
        let chinese = edition_page(Language::Chinese, "a.html", &page()).unwrap();
        assert!(chinese.contains("href=\"../en/a.html\">English</a>"), "{chinese}");
        assert!(chinese.contains("更换配色") && !chinese.contains("Change theme"), "{chinese}");
    }

    #[test]
    fn a_page_that_mdbook_writes_in_another_way_is_an_error() {
        for missing in [BUTTONS, TEXT, TITLE, WORDS[0].0] {
            let page = page().replace(missing, "");
            assert!(edition_page(Language::Chinese, "a.html", &page).is_err(), "without {missing}");
        }
    }
}
