//! The run that the READMEs show: from `start` to the eighth stage by `watch`, with wrong tries and hints. It is
//! run in each language, and compared with what stands there. `UPDATE_TEXTS=1` writes it anew.
#![cfg(unix)]
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a helper that panics fails the test with what it could not do"
)]

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use course::manifest::Manifest;
use process::Process;

/// How long a step may take, on a busy machine.
const TIMEOUT: Duration = Duration::from_secs(60);
/// What `watch` prints below a trial.
const TRIAL_ENDED: &str = "────────";
/// What stands for the number of stages.
const ALL: &str = "{all}";
/// Where the run ends in a README.
const END: &str = "```\n";

/// What the learner does next.
enum Step {
    /// Types a line, and waits for these words, in which [`ALL`] stands for the number of stages.
    Types(&'static str, &'static str),
    /// Saves the solution of a stage, in which one text is replaced by another.
    Saves(&'static str, &'static str, &'static str),
}

use Step::{Saves, Types};

const STEPS: [Step; 15] = [
    Types("hint", "hint`"),
    Saves("01-answer-once", ".upper()", ""),
    Saves("01-answer-once", "", ""),
    Types("hint", "hint`"),
    Saves("01-answer-again", "", ""),
    Saves("01-next-client", "if not request", "if request == b\"quit\""),
    Saves("01-next-client", "", ""),
    Saves("01-any-bytes", "", ""),
    Saves("01-a-reset", "", ""),
    Types("status", ALL),
    Saves("02-break-it-yourself", "", ""),
    Saves("02-left-over", "", ""),
    Types("hint", "hint`"),
    Saves("03-four-bytes-first", "", ""),
    Types("quit", ""),
];

#[test]
fn the_run_in_the_readme_is_a_real_one() {
    for (language, name, mark) in
        [("en", "README.md", "figure"), ("zh", "README.zh-CN.md", "figure zh")]
    {
        let begin = format!("<!-- {mark} -->\n```text\n");
        let run = run(language);
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
        let text = fs::read_to_string(&path).unwrap().replace("\r\n", "\n");
        let (before, rest) = text.split_once(&begin).unwrap();
        let (shown, after) = rest.split_once(END).unwrap();
        if env::var_os("UPDATE_TEXTS").is_some() {
            fs::write(&path, format!("{before}{begin}{run}{END}{after}")).unwrap();
        } else {
            assert!(
                shown == run,
                "{name} shows another run; with UPDATE_TEXTS=1 it shows this:\n{run}"
            );
        }
    }
}

/// What a terminal shows, with what was typed; each save is a line that begins with `#`.
fn run(language: &str) -> String {
    let place = tempfile::tempdir().unwrap();
    let course = |words: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_course"));
        command.args(words).current_dir(place.path());
        command.env("SOCKET_LANG", language).env("COLUMNS", "78").env("NO_COLOR", "1");
        // So that commands are shown as they are where the course is installed.
        command.env_remove("CARGO_PKG_NAME");
        command
    };
    let started = course(&["start"]).output().unwrap();
    let mut shown = format!("$ course start\n{}", String::from_utf8(started.stdout).unwrap());
    shown += "\n$ course watch\n";
    let watch = Process::start(course(&["watch"])).unwrap();
    let mut seen = 0;
    let all = Manifest::ours().unwrap().stages.len().to_string();
    shown += &wait(&watch, &mut seen, TRIAL_ENDED);
    let mut stage = String::new();
    for step in &STEPS {
        match *step {
            Types(line, answer) => {
                shown += &format!("{line}\n");
                watch.type_text(&format!("{line}\n"));
                shown += &wait(&watch, &mut seen, &answer.replace(ALL, &all));
            }
            Saves(id, from, to) => {
                let is_again = std::mem::replace(&mut stage, id.to_owned()) == id;
                let file = save(place.path(), id, from, to);
                let words = match (language, from.is_empty(), is_again) {
                    ("en", false, _) => format!("# saved: {file}, not quite right"),
                    ("en", true, true) => format!("# saved: {file}, mended"),
                    ("en", ..) => format!("# saved: {file}"),
                    (_, false, _) => format!("# 保存 {file}，还有错"),
                    (_, true, true) => format!("# 改好，保存 {file}"),
                    _ => format!("# 保存 {file}"),
                };
                shown += &format!("{words}\n");
                shown += &wait(&watch, &mut seen, TRIAL_ENDED);
            }
        }
    }
    shown
}

/// Writes what the learner has come to, and says where.
fn save(place: &Path, id: &str, from: &str, to: &str) -> String {
    let solution =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("stages").join(id).join("solution.py");
    let solution = fs::read_to_string(solution).unwrap();
    assert!(from.is_empty() || solution.contains(from), "{id} has no {from}");
    let text = if from.is_empty() { solution } else { solution.replacen(from, to, 1) };
    let program = Manifest::ours().unwrap().stage(id).unwrap().program.clone();
    let file = PathBuf::from("my-course").join(program).join("main.py");
    fs::write(place.join(&file), text).unwrap();
    file.display().to_string()
}

/// What was printed since the last time, up to the line in which `end` stands, once that is there. With no
/// `end`, all that is printed until the program ends.
fn wait(watch: &Process, seen: &mut usize, end: &str) -> String {
    let new = watch.wait_for(Instant::now() + TIMEOUT, |output| {
        let new = String::from_utf8_lossy(output.stdout.bytes.get(*seen..)?).into_owned();
        let length = match new.find(end) {
            _ if end.is_empty() => output.is_ended().then_some(new.len()),
            Some(at) => new[at..].find('\n').map(|line| at + line + 1),
            None => None,
        };
        length.map(|length| new[..length].to_owned())
    });
    let new = new.unwrap_or_else(|error| panic!("no {end:?}: {error}\n{}", watch.unexpected()));
    *seen += new.len();
    new
}
