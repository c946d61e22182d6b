//! Programs as people write them, which speak something else than was expected, or are broken in a way that
//! only much, or many, can show: the judge says what they do.

use std::collections::BTreeSet;
use std::fs;

use e2e::{python, root};

use crate::golden::{unlike_golden, until_it_holds};
use crate::harness::{in_parallel, printed, program, side, try_report};

/// A report's name, the program in `tests/peers/field` that it is about, what is written behind its port,
/// how it is judged, and at which requirements.
type Field = (&'static str, &'static str, &'static str, &'static str, &'static [&'static str]);

/// For programs that the judge asks in many ways, on a busy machine. A client that has not called in that
/// time is taken for one that first wants its line.
const PATIENT: [&str; 2] = ["--patience", "8s"];

const FIRST: &[&str] = &["answers/first"];
const TYPED: &[&str] = &["lines/first"];

const FIELD: [Field; 15] = [
    (
        "short_recv_server",
        "short_recv_server",
        "",
        "lesson01",
        &["answers/first", "sizes/as-long-as-a-buffer"],
    ),
    (
        "one_send_server",
        "one_send_server",
        "",
        "lesson03",
        &["answers/first", "sizes/output-of-10-mb"],
    ),
    ("table_server", "table_server", "", "lesson01", &["answers/first", "crowds/300-in-turn"]),
    ("gbk_server", "gbk_server", "", "lesson03", FIRST),
    ("gbk_client", "gbk_client", "", "lesson03", &["lines/first", "text/other-alphabets"]),
    ("json_lines_server", "json_lines_server", "", "lesson03", FIRST),
    ("echo_server", "echo_server", "", "lesson03", FIRST),
    ("unusual_server_twice", "unusual_server", "twice", "lesson03", FIRST),
    ("unusual_server_typed", "unusual_server", "typed", "lesson03", FIRST),
    ("unusual_server_magic", "unusual_server", "magic", "lesson03", FIRST),
    ("unusual_server_hex", "unusual_server", "hex", "lesson03", FIRST),
    ("unusual_client_twice", "unusual_client", "twice", "lesson03", TYPED),
    ("unusual_client_typed", "unusual_client", "typed", "lesson03", TYPED),
    ("unusual_client_magic", "unusual_client", "magic", "lesson03", TYPED),
    ("unusual_client_hex", "unusual_client", "hex", "lesson03", TYPED),
];

#[test]
fn each_program_from_the_field_gets_the_report_that_says_what_it_does() {
    let folder = root().join("tests/peers/field");
    let unlike = in_parallel(&FIELD, |&(name, file, behind, lesson, ids)| {
        until_it_holds(|| {
            let place = if side(file) == "--client" { "{host} {port}" } else { "{port}" };
            let command = program(&python(&folder.join(format!("{file}.py"))));
            let command = format!("{command} {place} {behind}");
            let only: Vec<&str> = ids.iter().flat_map(|id| ["--only", id]).collect();
            match try_report(&[&[lesson, side(file), &command][..], &PATIENT, &only].concat()) {
                Ok(report) => unlike_golden(&folder.join(format!("{name}.txt")), &printed(&report)),
                Err(error) => format!("---- {name}: {error}\n"),
            }
        })
    });
    let unlike = unlike.concat();
    assert!(
        unlike.is_empty(),
        "write them anew with UPDATE_GOLDEN=1 if they should be so\n{unlike}"
    );
}

#[test]
fn every_program_from_the_field_and_every_report_of_one_is_tried() {
    let entries = fs::read_dir(root().join("tests/peers/field")).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let is_tried =
        |name: &String| !name.starts_with('_') && name != "README.md" && !name.ends_with(".zh.txt");
    let there: BTreeSet<String> = names.filter(is_tried).collect();
    let files = |&(name, file, ..): &Field| [format!("{name}.txt"), format!("{file}.py")];
    let tried: BTreeSet<String> = FIELD.iter().flat_map(files).collect();
    assert_eq!(there, tried);
}
