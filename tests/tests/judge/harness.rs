//! What the tests of the judge share: how to let it try somebody, and whom.

use std::process::Command;
use std::sync::{Mutex, Once};
use std::thread;

use clap::Parser;
use e2e::{binary, is_full, peer, python, root};
use judge::text::{self, Page};
use judge::{Args, Error, Finding, LessonReport, Plan, PlanError, Verdict};

/// For programs that answer at once: never waited for, unless the machine is busy.
const LONG: [&str; 2] = ["--patience", "20s"];

/// For programs that do not answer.
pub(crate) const SHORT: [&str; 2] = ["--patience", "2s"];

/// What these options ask for.
pub(crate) fn plan(args: &[&str]) -> Result<Plan, PlanError> {
    Args::try_parse_from([&["judge"], args].concat())?.plan()
}

/// Runs the judge with these options.
#[track_caller]
pub(crate) fn try_report(args: &[&str]) -> Result<LessonReport, Error> {
    // Ctrl-C at the terminal reaches this test, and not the programs that the judge has started.
    static END_ON_CTRL_C: Once = Once::new();
    END_ON_CTRL_C.call_once(|| _ = judge::end_on_ctrl_c());
    let plan = plan(args).unwrap_or_else(|error| panic!("{args:?}: {error}"));
    plan.run(|_| ())
}

/// Runs the judge with these options; it must be able to.
#[track_caller]
pub(crate) fn report(args: &[&str]) -> LessonReport {
    try_report(args).unwrap_or_else(|error| panic!("{args:?}: {error}"))
}

/// A report as the judge prints it where nobody wants colours.
pub(crate) fn printed(report: &LessonReport) -> String {
    let lines = report.probes.iter().filter(|finding| finding.verdict != Verdict::NotTried);
    let page = Page::new(text::WIDTH, report.probes.iter().map(|finding| finding.id));
    let lines: String = lines.map(|finding| page.line(finding) + "\n").collect();
    anstream::adapter::strip_str(&(lines + &page.summary(report, false))).to_string()
}

/// All requirements that the judge tries with these options hold, and there are some.
#[track_caller]
pub(crate) fn assert_all_hold(args: &[&str]) {
    let report = report(&[args, &LONG].concat());
    assert!(report.all_hold(), "{args:?}\n{}", printed(&report));
    assert!(!report.probes.is_empty(), "{args:?}: nothing was tried");
}

/// The report of programs that may not answer, as text, without what differs from run to run.
#[track_caller]
pub(crate) fn without_times(args: &[&str]) -> String {
    let mut report = report(&[args, &SHORT].concat());
    for finding in &mut report.probes {
        finding.took_ms = 0;
        // How far a program that runs on has come with its words is not the same twice.
        let running = finding.failed.as_mut().filter(|failed| failed.ended.is_none());
        running.into_iter().for_each(|failed| failed.last_words.clear());
    }
    format!("{report:#?}")
}

/// Tries a program twice with the same seed: the reports are the same. The long runs try all requirements, the
/// others those of `topic`.
#[track_caller]
pub(crate) fn assert_same_twice(lesson: &str, side: &str, command: &str, topic: &str) {
    let whole = [lesson, side, command, "--seed", "7"];
    let some = [&whole[..], &["--only", topic]].concat();
    let once = |_: &()| without_times(if is_full() { &whole } else { &some });
    let reports = in_parallel(&[(), ()], once);
    assert_eq!(reports[0], reports[1], "{lesson} {command}");
}

/// The ids of the requirements in a report that do not hold, or were not tried.
pub(crate) fn failed(report: &LessonReport) -> Vec<&'static str> {
    let failed = report.probes.iter().filter(|finding| finding.verdict != Verdict::Held);
    failed.map(|finding| finding.id).collect()
}

/// The finding of one probe in a report.
pub(crate) fn finding<'a>(report: &'a LessonReport, id: &str) -> &'a Finding {
    let mut probes = report.probes.iter();
    probes.find(|finding| finding.id == id).unwrap_or_else(|| panic!("{id} was not tried"))
}

/// Does something with each of these, some of them at the same time: mostly they wait.
pub(crate) fn in_parallel<T: Sync, R: Send>(all: &[T], act: impl Fn(&T) -> R + Sync) -> Vec<R> {
    const WORKERS: usize = 4;
    // Whoever is done takes the next one: some of them take much longer than others.
    let left = Mutex::new(all.iter().enumerate());
    let work = || {
        let next = || left.lock().unwrap().next();
        std::iter::from_fn(|| next().map(|(at, one)| (at, act(one)))).collect::<Vec<_>>()
    };
    let mut done: Vec<(usize, R)> = thread::scope(|scope| {
        let started: Vec<_> = (0..WORKERS).map(|_| scope.spawn(work)).collect();
        started.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    done.sort_by_key(|&(at, _)| at);
    done.into_iter().map(|(_, result)| result).collect()
}

/// The command of a lesson's program with these options: for `--server` or `--client`.
pub(crate) fn lesson(name: &str, options: &str) -> String {
    let place = match name.ends_with("-server") {
        true => "--listen {port}",
        false => "--connect {host}:{port}",
    };
    format!("{} {place} {options}", program(&binary(name)))
}

/// The command of a Python peer, such as `s001_2_server`.
pub(crate) fn peer_command(name: &str) -> String {
    with_place(&program(&peer(name)), name)
}

/// The command of a program in `tests/peers/bad`.
pub(crate) fn bad(name: &str) -> String {
    let path = root().join("tests/peers/bad").join(format!("{name}.py"));
    assert!(path.exists(), "no bad program is called {name}");
    with_place(&program(&python(&path)), name)
}

/// `--server` or `--client`, as the name ends.
pub(crate) fn side(name: &str) -> &'static str {
    if name.ends_with("client") { "--client" } else { "--server" }
}

fn with_place(command: &str, name: &str) -> String {
    let place = if name.ends_with("client") { "{host} {port}" } else { "{port}" };
    format!("{command} {place}")
}

/// A program and its arguments, as a shell would have them.
pub(crate) fn program(command: &Command) -> String {
    let words = [command.get_program()].into_iter().chain(command.get_args());
    let words: Vec<&str> = words.map(|word| word.to_str().unwrap()).collect();
    shlex::try_join(words).unwrap()
}
