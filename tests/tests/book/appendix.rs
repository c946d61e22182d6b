//! The appendix: what the posts tell, where they err, what breaks, and where each of these stands in the project.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use book::{Language, anchors, links, resolve};

use crate::contents::is_han;
use crate::{exists, read};

/// How many facts, errors and bugs there are.
const KINDS: [(char, usize); 3] = [('F', 196), ('E', 68), ('B', 40)];

/// One line of the table.
struct Row {
    id: String,
    says: String,
    chapter: String,
    program: String,
    experiment: String,
}

fn place(language: Language) -> String {
    format!("{}/{}", book::FOLDER, language.choose("appendix.md", "appendix.zh-CN.md"))
}

fn rows(language: Language) -> Vec<Row> {
    let text = read(&place(language));
    let is_row = |line: &&str| {
        let mut letters = line.chars().skip(2);
        letters.next().is_some_and(|kind| KINDS.iter().any(|(of, _)| *of == kind))
            && letters.next().is_some_and(|digit| digit.is_ascii_digit())
    };
    let lines = text.lines().filter(|line| line.starts_with("| ")).filter(is_row);
    let row = |line: &str| {
        // A bar within a cell is written `\|`.
        let line = line.replace("\\|", "\u{0}");
        let cells: Vec<String> = line
            .trim_matches('|')
            .split('|')
            .map(|cell| cell.trim().replace('\u{0}', "|"))
            .collect();
        let [id, says, chapter, program, experiment] = cells.try_into().unwrap_or_else(|cells| {
            panic!("a row of five cells: {cells:?}");
        });
        Row { id, says, chapter, program, experiment }
    };
    lines.map(row).collect()
}

/// Where the links of a cell lead: places in the project, and headings there.
fn targets(language: Language, cell: &str) -> Vec<(String, String)> {
    let resolved = |link: book::Link| {
        let (to, heading) = resolve(&place(language), &link.destination).unwrap();
        (to, heading.to_owned())
    };
    links(cell).into_iter().map(resolved).collect()
}

#[test]
fn every_fact_error_and_bug_has_a_row_in_order_and_no_cell_is_empty() {
    let expected: Vec<String> = KINDS
        .iter()
        .flat_map(|(kind, most)| {
            (1..=*most).map(move |number| match kind {
                'F' => format!("F{number:03}"),
                kind => format!("{kind}{number:02}"),
            })
        })
        .collect();
    for language in Language::ALL {
        let rows = rows(language);
        let ids: Vec<&str> = rows.iter().map(|row| row.id.as_str()).collect();
        assert_eq!(ids, expected, "{}", place(language));
        for row in rows {
            for cell in [&row.says, &row.chapter, &row.program, &row.experiment] {
                assert!(!cell.is_empty(), "{}: a cell of {} is empty", place(language), row.id);
            }
            // English rows may name a Chinese character; its full stops and commas only Chinese has.
            let marks = ['，', '：', '；', '、', '“', '（', '。'];
            let has_marks = row.says.contains(marks);
            assert!(
                language.choose(!has_marks, has_marks || row.says.contains(is_han)),
                "{}: {}",
                row.id,
                row.says
            );
        }
    }
}

#[test]
fn every_chapter_program_and_experiment_that_a_row_names_is_there() {
    let scenarios = read("crates/compare/src/scenario.rs");
    for language in Language::ALL {
        let at = place(language);
        for row in rows(language) {
            let chapters = targets(language, &row.chapter);
            assert_eq!(chapters.len(), 1, "{at}: {}: the chapter", row.id);
            for (file, heading) in chapters {
                let is_there = anchors(&read(&file)).contains(&heading);
                assert!(is_there, "{at}: {}: {file} has no heading {heading}", row.id);
            }
            let programs = targets(language, &row.program);
            assert!(!programs.is_empty(), "{at}: {}: no program", row.id);
            for (file, _) in programs {
                assert!(file.ends_with("/src/lib.rs") && exists(&file), "{at}: {}: {file}", row.id);
                let package = file.trim_end_matches("src/lib.rs").to_owned() + "Cargo.toml";
                let words = read(&package);
                let name = words.lines().find_map(|line| line.strip_prefix("name = \"")).unwrap();
                let name = name.trim_end_matches('"');
                assert!(row.program.contains(&format!("[`{name}`]")), "{at}: {}: {name}", row.id);
            }
            match targets(language, &row.experiment).as_slice() {
                [(file, _)] => {
                    let is_experiment =
                        file.contains("/examples/") || file.starts_with("tests/peers/");
                    assert!(is_experiment && exists(file), "{at}: {}: {file}", row.id);
                }
                [] if row.experiment == "—" => {}
                [] => {
                    let name = row.experiment.trim_matches('`');
                    let name = name.strip_prefix("compare -- --scenario ");
                    let is_there =
                        name.is_some_and(|name| scenarios.contains(&format!("\"{name}\"")));
                    assert!(is_there, "{at}: {}: no experiment {}", row.id, row.experiment);
                }
                more => panic!("{at}: {}: {} experiments", row.id, more.len()),
            }
        }
    }
}

#[test]
fn the_appendix_leads_to_the_same_places_in_both_languages() {
    let [english, chinese] = Language::ALL.map(rows);
    // The place of a heading among those of its text.
    let position = |(file, heading): &(String, String)| {
        anchors(&read(file)).iter().position(|it| it == heading)
    };
    for (a, b) in english.iter().zip(&chinese) {
        let [to, translated] = [(Language::English, a), (Language::Chinese, b)]
            .map(|(language, row)| targets(language, &row.chapter));
        let in_chinese = to[0].0.replace(".md", ".zh-CN.md");
        assert_eq!(in_chinese, translated[0].0, "{}: the chapter", a.id);
        assert_eq!(position(&to[0]), position(&translated[0]), "{}: the heading", a.id);
        assert_eq!(a.program, b.program, "{}: the program", a.id);
        assert_eq!(a.experiment, b.experiment, "{}: the experiment", a.id);
    }
}

#[test]
fn an_experiment_of_a_lesson_is_named_by_some_row() {
    let named: BTreeSet<String> = rows(Language::English)
        .iter()
        .flat_map(|row| targets(Language::English, &row.experiment))
        .map(|(file, _)| file)
        .collect();
    let mut missing = Vec::new();
    for lesson in e2e::manifest::read().built() {
        let folder = format!("lessons/{}/server/examples", lesson.folder);
        let Ok(entries) = fs::read_dir(e2e::root().join(&folder)) else { continue };
        for entry in entries {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let file = format!("{folder}/{name}");
            if name.ends_with(".rs")
                && !BESIDE_THE_POSTS.contains(&name.as_str())
                && !named.contains(&file)
            {
                missing.push(file);
            }
        }
    }
    assert!(missing.is_empty(), "no row of the appendix leads to {missing:?}");
}

/// Experiments about what the posts do not speak of.
const BESIDE_THE_POSTS: [&str; 3] = ["cost_of_a_thread.rs", "readiness.rs", "tokio.rs"];

/// A lesson's texts say in a comment of which facts, errors and bugs they speak.
#[test]
fn a_row_leads_to_a_lesson_that_says_it_speaks_of_it() {
    let mut covered: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for lesson in e2e::manifest::read().built() {
        for name in ["README.md", "tutorial.md"] {
            let text = read(&format!("lessons/{}/{name}", lesson.folder));
            let Some((_, rest)) = text.split_once("<!-- covers: ") else { continue };
            let (ids, _) = rest.split_once(" -->").unwrap();
            for range in ids.split(' ') {
                let (first, last) = range.split_once('-').unwrap_or((range, range));
                let number = |id: &str| id[1..].parse::<usize>().unwrap();
                for at in number(first)..=number(last) {
                    let width = first.len() - 1;
                    let id = format!("{}{at:0width$}", &first[..1]);
                    covered.entry(id).or_default().insert(lesson.folder.clone());
                }
            }
        }
    }
    assert!(covered.len() > 200, "{covered:?}");
    let mut wrong = Vec::new();
    for row in rows(Language::English) {
        let Some(lessons) = covered.get(&row.id) else { continue };
        let (chapter, _) = &targets(Language::English, &row.chapter)[0];
        if !lessons.iter().any(|lesson| chapter.contains(lesson.as_str())) {
            wrong.push(format!("{}: {chapter}, and it is {lessons:?} that speak of it", row.id));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
