//! The reports that the judge gives of bad programs: each stands in a file beside its program.
//! `UPDATE_GOLDEN=1` writes them anew.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use e2e::root;

use crate::harness::{SHORT, bad, finding, in_parallel, printed, report, side, try_report};

/// A bad program, the requirement that it does not hold, and one that it does.
pub(crate) type Bad = (&'static str, &'static str, &'static str);

/// A fault of the tutorial by its id, the command of the peer that has it, how to speak to it, the
/// requirement that shows it, and what the hint says.
pub(crate) type Fault = (&'static str, &'static str, &'static str, &'static str, &'static str);

/// How often a bad program is tried until it fails as it should. The fault of some of them is a race:
/// on a busy machine it can go another way, or well. (That the judge says the same of the same is
/// another test's business.)
const TRIES: usize = 3;

/// Each of them fails where it is meant to, holds where it is meant to, and the report is the one beside
/// it. `place` is given the command of a program, and gives the one with which it is started.
#[track_caller]
pub(crate) fn assert_reports(lesson: &str, programs: &[Bad], place: fn(&str) -> String) {
    let differs = |&(name, fails, holds): &Bad| {
        until_it_holds(|| report_differs(lesson, name, &place(&bad(name)), &[fails, holds]))
    };
    let wrong = in_parallel(programs, differs).concat();
    assert!(wrong.is_empty(), "write them anew with UPDATE_GOLDEN=1 if they should be so\n{wrong}");
}

/// What is wrong with what `look` sees, every time; empty as soon as it sees nothing wrong.
pub(crate) fn until_it_holds(look: impl Fn() -> String) -> String {
    let mut wrong = String::new();
    for _ in 0..TRIES {
        wrong = look();
        if wrong.is_empty() {
            break;
        }
        // Shown with the output of a test that fails: then this is the first thing to look at.
        println!("{wrong}");
    }
    wrong
}

/// How the report of this bad program differs from the one beside it; empty if it does not.
fn report_differs(lesson: &str, name: &str, command: &str, ids: &[&str]) -> String {
    let ids: Vec<&str> = ids.iter().copied().filter(|id| !id.is_empty()).collect();
    let only: Vec<&str> = ids.iter().flat_map(|id| ["--only", id]).collect();
    let speak: Vec<&str> = lesson.split(' ').collect();
    let report = match try_report(&[&speak[..], &[side(name), command], &SHORT, &only].concat()) {
        Ok(report) => report,
        Err(error) => return format!("---- {name}: {error}\n"),
    };
    let came = printed(&report);
    if report.all_hold() {
        return format!("---- {name} does not fail\n{came}");
    }
    let path = root().join("tests/peers/bad").join(format!("{name}.txt"));
    let unlike = unlike_golden(&path, &came);
    if !unlike.is_empty() {
        return unlike;
    }
    for (id, word) in ids.iter().zip(["FAILED", "ok"]) {
        assert!(came.contains(&format!("{word:<9} {id:<6}")), "{name}\n{came}");
    }
    String::new()
}

/// A report without what was found out about what its programs speak.
fn without_speaks(report: &str) -> String {
    without(report, 11, |line| line.starts_with("  speaks    ") || line.starts_with("  用的是    "))
}

/// A report without what a program that runs on has said on standard error: whether that came before the report
/// was made is a race.
fn without_racing_words(report: &str) -> String {
    let begins = ["the program runs on; its standard error:", "程序还在运行；它的标准错误："];
    without(report, 12, |line| begins.contains(&line.trim_start()))
}

/// A report without the lines at which a block begins, and those below it that are indented by more columns.
fn without(report: &str, columns: usize, begins: impl Fn(&str) -> bool) -> String {
    let mut is_inside = false;
    let lines = report.lines().filter(|line| {
        let indent = line.len() - line.trim_start().len();
        is_inside = begins(line) || is_inside && indent > columns;
        !is_inside
    });
    lines.map(|line| format!("{line}\n")).collect()
}

/// How a report differs from the one in this file; empty if it does not.
#[track_caller]
pub(crate) fn unlike_golden(path: &Path, came: &str) -> String {
    let is_narrow = |line: &str| line.chars().count() <= 80;
    assert!(came.lines().all(is_narrow), "{came}");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(path, came).unwrap();
    }
    let golden = fs::read_to_string(path).unwrap_or_default();
    let (golden_words, came_words) = (without_racing_words(&golden), without_racing_words(came));
    // What a program speaks is sought for a few seconds, and not always found in them on a busy machine.
    let not_found = ["  speaks    Not found out", "  用的是    没有查明"];
    let is_late = |report: &str| not_found.iter().any(|words| report.contains(words));
    let is_like = match is_late(&golden_words) || is_late(&came_words) {
        true => without_speaks(&golden_words) == without_speaks(&came_words),
        false => golden_words == came_words,
    };
    if is_like {
        return String::new();
    }
    format!("---- {}, expected\n{golden}---- came\n{came}", path.display())
}

/// No bad program whose name begins with this, and no report of one, is left out.
#[track_caller]
pub(crate) fn assert_complete(begin: &str, programs: &[Bad]) {
    let entries = fs::read_dir(root().join("tests/peers/bad")).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let there: BTreeSet<String> = names
        // The reports in Chinese are of some of them only.
        .filter(|name| name.starts_with(begin) && !name.ends_with(".zh.txt"))
        .collect();
    let files = |&(name, ..): &Bad| [format!("{name}.py"), format!("{name}.txt")];
    let tried: BTreeSet<String> = programs.iter().flat_map(files).collect();
    assert_eq!(there, tried);
}

/// The judge names each fault. `command` is given the name of a peer.
pub(crate) fn assert_named(faults: &[Fault], command: impl Fn(&str) -> String + Sync) {
    let unnamed = |&(fault, name, speak, id, words): &Fault| {
        let speak: Vec<&str> = speak.split(' ').collect();
        let command = command(name);
        let tried = [&speak[..], &[side(name), &command, "--only", id], &SHORT].concat();
        until_it_holds(|| {
            let report = report(&tried);
            let finding = finding(&report, id);
            let failed = finding.failed.as_ref();
            let hint = failed.map_or("none, because it holds", |failed| &failed.hint);
            match hint.contains(words) {
                true => String::new(),
                false => format!("---- {fault} of {name} at {id}: {hint}\n{finding:#?}\n"),
            }
        })
    };
    let unnamed = in_parallel(faults, unnamed).concat();
    assert!(unnamed.is_empty(), "{unnamed}");
}
