//! The built book in a browser, page by page.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use book::{Book, Language};
use browser::Tab;
use e2e::{Program, Server};
use serde_json::Value;

use crate::site::{decoded, serve};

/// Builds the book, and opens a browser; none where one of them cannot be had, or nobody asked for long runs.
fn built_book_and_browser() -> Option<Tab> {
    if !e2e::is_full() {
        println!("not run: the book in a browser; FULL_TESTS=1 asks for it");
        return None;
    }
    let Some(tab) = Tab::open() else {
        println!("not run: no Chromium found; scripts/setup --browser installs one");
        return None;
    };
    let built = Program::start(Command::new(e2e::root().join("scripts/book")))
        .finish_within(Duration::from_secs(1800));
    // It has said what is missing.
    if built.status == Some(77) {
        println!("not run: {}", built.stderr);
        return None;
    }
    assert_eq!(built.status, Some(0), "{}", built.stderr);
    Some(tab)
}

/// What a page looks like to a browser.
struct Seen {
    ids: BTreeSet<String>,
    links: BTreeSet<String>,
}

const LOOK: &str = "JSON.stringify({
    ids: [...document.querySelectorAll('[id]')].map((it) => it.id),
    links: [...document.querySelectorAll('a[href]')].map((it) => it.href),
    broken: [...document.images].filter((it) => !it.complete || it.naturalWidth === 0).map((it) => it.src),
    sideways: document.documentElement.scrollWidth - innerWidth,
})";

fn texts(value: &Value) -> BTreeSet<String> {
    value.as_array().unwrap().iter().map(|it| it.as_str().unwrap().to_owned()).collect()
}

/// All pages below a folder, as the ends of their addresses.
fn pages(folder: &Path, inner: &str, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder.join(inner)).unwrap() {
        let entry = entry.unwrap();
        let place = format!("{inner}{}", entry.file_name().to_str().unwrap());
        if entry.path().is_dir() {
            pages(folder, &format!("{place}/"), found);
        } else if place.ends_with(".html") && !place.ends_with("toc.html") {
            found.insert(place);
        }
    }
}

#[test]
fn the_book_has_no_broken_link_or_picture_says_nothing_in_the_console_and_is_searched_in_both_languages()
 {
    let Some(mut tab) = built_book_and_browser() else { return };
    let folder = e2e::root().join("target/book");
    let site = format!("http://{}/", serve(folder.clone()));
    let mut all = BTreeSet::new();
    pages(&folder, "", &mut all);
    assert!(all.len() > 100, "{all:?}");

    // As on a phone: what is too wide there scrolls in a box of its own.
    tab.look_like(390, "light", "no-preference");
    let mut wrong = Vec::new();
    let mut seen = BTreeMap::new();
    for page in &all {
        tab.open_anew(&format!("{site}{page}"));
        let look: Value = serde_json::from_str(&tab.text(LOOK)).unwrap();
        for picture in texts(&look["broken"]) {
            wrong.push(format!("{page}: the picture {picture} is missing"));
        }
        if look["sideways"].as_i64().unwrap() > 0 {
            wrong.push(format!("{page}: scrolls sideways by {}", look["sideways"]));
        }
        seen.insert(page.clone(), Seen { ids: texts(&look["ids"]), links: texts(&look["links"]) });
    }
    let root = e2e::root();
    let book = Book::read(&root).unwrap();
    let is_of_the_lab = |link: &str| {
        Language::ALL.iter().any(|language| {
            book.lab().play.iter().any(|play| book.lab().url(play, *language) == link)
        })
    };
    for (page, Seen { links, .. }) in &seen {
        for link in links {
            let Some(place) = link.strip_prefix(&site) else {
                if !link.starts_with("https://") && !is_of_the_lab(link) && !is_elsewhere(link) {
                    wrong.push(format!("{page}: {link} leads neither into the book nor to a site"));
                }
                continue;
            };
            let (place, id) = place.split_once('#').unwrap_or((place, ""));
            let (place, id) = (decoded(place), decoded(id));
            let place =
                if place.is_empty() || place.ends_with('/') { place + "index.html" } else { place };
            match seen.get(&place) {
                None if folder.join(&place).is_file() => {}
                None => wrong.push(format!("{page}: {link} leads to nothing")),
                Some(to) if id.is_empty() || to.ids.contains(&id) => {}
                Some(_) => wrong.push(format!("{page}: {link} leads to no heading")),
            }
        }
        // The same page in the other language, from each page.
        if let Some((language, name)) =
            page.split_once('/').filter(|(folder, _)| *folder != "files")
        {
            let other = format!("{site}{}/{name}", if language == "en" { "zh" } else { "en" });
            assert!(links.contains(&other), "{page} has no link to {other}");
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));

    for (language, words, page) in [
        ("en", "half-close", "lesson01-basic-tcp"),
        ("en", "kqueue", "lesson05-threaded"),
        ("zh", "半关闭", "lesson01-basic-tcp"),
        ("zh", "kqueue", "lesson05-threaded"),
    ] {
        tab.open_anew(&format!("{site}{language}/lab.html"));
        tab.value("document.getElementById('search-toggle').click()");
        tab.value(&format!(
            "(() => {{ const input = document.getElementById('search-input');
               input.value = '{words}'; input.dispatchEvent(new Event('input')); }})()"
        ));
        // Among the pages that are shown at once, with the words marked in what is shown of it.
        tab.wait(&format!(
            "[...document.querySelectorAll('#search-results > li')].some((page) => \
               page.querySelector('a').pathname === '/{language}/{page}.html' && \
               page.querySelector('mark').closest('li').textContent.includes('{words}'))"
        ));
    }

    assert_eq!(tab.console(), [""; 0], "the console has a message");
    let elsewhere: Vec<String> = tab
        .asked()
        .into_iter()
        .filter(|url| {
            !url.starts_with(&site) && !url.starts_with("about:") && !url.starts_with("data:")
        })
        .collect();
    assert!(elsewhere.is_empty(), "somebody else was asked: {elsewhere:?}");
}

/// A page of the Internet that has no HTTPS, and a page that a program of ours shows while it runs.
fn is_elsewhere(link: &str) -> bool {
    ["http://www.kegel.com/", "http://127.0.0.1:"].iter().any(|begin| link.starts_with(begin))
}

#[test]
fn the_lab_plays_what_a_chapter_of_the_book_names() {
    let Some(mut tab) = e2e::is_full().then(Tab::open).flatten() else {
        println!("not run: the plays of the book need FULL_TESTS=1 and Chromium");
        return;
    };
    let cargo = |words: &[&str]| {
        let mut command = e2e::cargo();
        command.args(words);
        command
    };
    let build = Program::start(cargo(&["build", "--quiet", "--locked", "-p", "lab"]));
    assert_eq!(build.finish_within(Duration::from_secs(1800)).status, Some(0));
    let run = ["run", "--quiet", "--locked", "-p", "lab", "--", "--listen", "0", "--no-open"];
    let lab = Server::start(cargo(&run));
    let address = lab.address.to_string();
    let root = e2e::root();
    let book = Book::read(&root).unwrap();
    for language in Language::ALL {
        for play in &book.lab().play {
            let url = book.lab().url(play, language).replace("127.0.0.1:8017", &address);
            tab.open_anew(&url);
            if play.at.starts_with("guided=") {
                let number = &play.at["guided=".len()..];
                tab.wait(&format!(
                    "state.room === 'guided' && String(state.station) === '{number}'"
                ));
            } else {
                tab.wait("state.room === 'bench' && !byId('stage').hidden");
                assert_eq!(tab.value("byId('bench-problem').hidden"), true, "{url}");
            }
        }
    }
}
