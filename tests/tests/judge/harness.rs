//! What the tests of the judge share: how to start it, and whom to let it try.
#![allow(dead_code, reason = "each test file uses some of it")]

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use e2e::{Finished, Program, binary, cargo, peer, python, root};
use serde_json::Value;

/// For programs that answer at once: never waited for, unless the machine is busy.
pub(crate) const LONG: [&str; 2] = ["--patience", "20s"];

/// For programs that do not answer.
pub(crate) const SHORT: [&str; 2] = ["--patience", "2s"];

/// A judge that tries every probe of a lesson on a busy machine.
const TO_THE_END: Duration = Duration::from_secs(240);

/// The judge's program, built once.
pub(crate) fn judge() -> Command {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    Command::new(BUILT.get_or_init(build))
}

fn build() -> PathBuf {
    let mut command = cargo();
    command.args(["build", "--quiet", "--package", "judge", "--bins"]);
    command.arg("--message-format=json-render-diagnostics");
    let output = command.stderr(Stdio::inherit()).output().unwrap();
    assert!(output.status.success(), "the judge cannot be built");
    let messages = String::from_utf8(output.stdout).unwrap();
    let program = messages.lines().find_map(|line| {
        let message: Value = serde_json::from_str(line).unwrap();
        Some(PathBuf::from(message["executable"].as_str()?))
    });
    program.unwrap()
}

/// Runs the judge to its end.
#[track_caller]
pub(crate) fn run(args: &[&str]) -> Finished {
    let mut command = judge();
    command.args(args);
    Program::start(command).finish_within(TO_THE_END)
}

/// Runs the judge, and takes its report; what it is about does not matter here.
#[track_caller]
pub(crate) fn report(args: &[&str]) -> Value {
    let finished = run(&[args, &["--json"]].concat());
    let report = serde_json::from_str(&finished.stdout);
    report.unwrap_or_else(|error| panic!("{error}: {}", finished.stderr))
}

/// All requirements that the judge tries with these arguments hold, and there are some.
#[track_caller]
pub(crate) fn assert_all_hold(args: &[&str]) {
    let report = report(&[args, &LONG].concat());
    assert_eq!(failed(&report), [""; 0], "{args:?} {report:#}");
    assert!(!report["probes"].as_array().unwrap().is_empty(), "{args:?}: nothing was tried");
}

/// The report of programs that may not answer, without what differs from run to run.
#[track_caller]
pub(crate) fn without_times(args: &[&str]) -> Value {
    let mut report = report(&[args, &SHORT].concat());
    for probe in report["probes"].as_array_mut().unwrap() {
        probe["took_ms"].take();
    }
    report
}

/// The ids of the requirements in a report that do not hold.
pub(crate) fn failed(report: &Value) -> Vec<String> {
    let probes = report["probes"].as_array().unwrap().iter();
    let failed = probes.filter(|probe| probe["verdict"] != "held");
    failed.map(|probe| probe["id"].as_str().unwrap().to_owned()).collect()
}

/// The finding of one probe in a report.
pub(crate) fn finding<'a>(report: &'a Value, id: &str) -> &'a Value {
    let mut probes = report["probes"].as_array().unwrap().iter();
    probes.find(|probe| probe["id"] == id).unwrap_or_else(|| panic!("{id} was not tried"))
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
fn program(command: &Command) -> String {
    let words = [command.get_program()].into_iter().chain(command.get_args());
    let words: Vec<&str> = words.map(|word| word.to_str().unwrap()).collect();
    shlex::try_join(words).unwrap()
}
