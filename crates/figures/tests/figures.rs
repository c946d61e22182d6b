//! The figures beside the lessons are those that are drawn now, and the texts show each of them.
#![allow(clippy::unwrap_used, reason = "a test fails with the line that unwraps")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use figures::lessons;
use language::Language;

fn root() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

#[test]
fn each_figure_is_drawn_as_it_stands_and_its_lesson_shows_it_in_either_language() {
    for figure in lessons::all() {
        for language in Language::ALL {
            let path = figure.path(language);
            let stands = fs::read_to_string(root().join(&path)).unwrap_or_default();
            assert!(
                stands == figure.svg(language),
                "{path} is stale: scripts/pictures draws it anew"
            );
            let ends = if language == Language::Chinese { ".zh-CN.md" } else { ".md" };
            let shown = ["README", "tutorial"].iter().any(|name| {
                let text = root().join("lessons").join(figure.lesson).join(format!("{name}{ends}"));
                let text = fs::read_to_string(text).unwrap();
                text.contains(&format!("](pictures/{}.{language}.svg)", figure.name))
            });
            assert!(shown, "no text of {} shows {path}", figure.lesson);
        }
    }
}

#[test]
fn each_lesson_has_a_figure_and_no_file_is_left_that_nobody_draws() {
    let figures = lessons::all();
    let drawn: BTreeSet<String> =
        figures.iter().flat_map(|it| Language::ALL.map(|language| it.path(language))).collect();
    let lessons = fs::read_dir(root().join("lessons")).unwrap();
    for lesson in lessons.map(|it| it.unwrap()).filter(|it| it.path().join("server").is_dir()) {
        let name = lesson.file_name().into_string().unwrap();
        assert!(figures.iter().any(|it| it.lesson == name), "{name} has no figure");
        for file in fs::read_dir(lesson.path().join("pictures")).unwrap() {
            let file = file.unwrap().file_name().into_string().unwrap();
            let path = format!("lessons/{name}/pictures/{file}");
            assert!(drawn.contains(&path), "nobody draws {path}");
        }
    }
}

#[test]
fn a_chinese_figure_has_no_english_sentence() {
    let words = |text: &str| {
        text.split(' ')
            .filter(|it| it.len() > 2 && it.bytes().all(|it| it.is_ascii_lowercase()))
            .count()
    };
    for figure in lessons::all() {
        let svg = figure.svg(Language::Chinese);
        let texts =
            svg.split("<text").skip(1).filter_map(|it| it.split_once('>')?.1.split('<').next());
        for text in texts {
            assert!(words(text) < 3, "{}: {text}", figure.name);
        }
    }
}
