//! `watch` while its reader saves again and again: what one saves may hang, print without end, or start others,
//! and nothing of it is left. With `FULL_TESTS=1` there are ten times as many saves.
#![cfg(target_os = "linux")]
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a helper that panics fails the test with what it could not do"
)]

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use process::Process;
use tempfile::TempDir;

/// How long a step may take, on a busy machine.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Programs that never end by themselves: one that does not listen, one that prints, one that starts another.
const ENDLESS: [&str; 3] = [
    "import time\ntime.sleep(3600)\n",
    "while True:\n    print('and on', flush=True)\n",
    "import subprocess, sys, time\nsubprocess.Popen([sys.executable, '-c', 'import time; time.sleep(3600)', \
     __file__])\ntime.sleep(3600)\n",
];

/// A running `watch`, with a folder of its own for temporary files.
struct Watch {
    place: TempDir,
    process: Process,
    /// How much of its output was looked at, in bytes.
    seen: usize,
}

impl Watch {
    fn start() -> Watch {
        let place = tempfile::Builder::new().prefix("课程 watch").tempdir().unwrap();
        fs::create_dir(place.path().join("tmp")).unwrap();
        let course = |word: &str| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_course"));
            command.arg(word).current_dir(place.path());
            command.env("SOCKET_LANG", "en").env("NO_COLOR", "1");
            command.env("TMPDIR", place.path().join("tmp"));
            command
        };
        assert!(course("start").output().unwrap().status.success());
        let process = Process::start(course("watch")).unwrap();
        let mut watch = Watch { place, process, seen: 0 };
        watch.wait("────");
        watch
    }

    fn file(&self) -> PathBuf {
        self.place.path().join("my-course").join("lesson01-server").join("main.py")
    }

    /// Waits for a line in which `text` stands, behind those that were waited for before.
    fn wait(&mut self, text: &str) {
        let seen = self.seen;
        let found = self.process.wait_for(Instant::now() + TIMEOUT, |output| {
            let new = String::from_utf8_lossy(output.stdout.bytes.get(seen..)?).into_owned();
            let at = new.find(text)?;
            Some(at + new[at..].find('\n')? + 1)
        });
        let found = found
            .unwrap_or_else(|error| panic!("no {text:?}: {error}\n{}", self.process.unexpected()));
        self.seen += found;
    }
}

fn solution(id: &str) -> String {
    let stages = Path::new(env!("CARGO_MANIFEST_DIR")).join("stages");
    fs::read_to_string(stages.join(id).join("solution.py")).unwrap()
}

/// The command lines of all processes in which the name of this folder stands.
fn of_folder(folder: &Path) -> Vec<String> {
    let folder = folder.to_str().unwrap();
    let processes = fs::read_dir("/proc").unwrap().flatten();
    let lines = processes.filter_map(|it| fs::read(it.path().join("cmdline")).ok());
    let lines = lines.map(|line| String::from_utf8_lossy(&line).replace('\0', " "));
    lines.filter(|line| line.contains(folder)).collect()
}

#[test]
fn a_save_by_rename_is_judged_and_so_is_a_line_that_is_typed() {
    let mut watch = Watch::start();
    let new = watch.file().with_file_name("new");
    fs::write(&new, solution("01-answer-once")).unwrap();
    fs::rename(&new, watch.file()).unwrap();
    watch.wait("passed: Answer once");
    watch.wait("────");
    watch.process.type_text("nonsense\n");
    watch.wait("type hint, solution");
    watch.process.type_text("\n");
    watch.wait("FAILED");
    watch.process.type_text("quit\n");
    assert!(watch.process.wait(Instant::now() + TIMEOUT).unwrap().success());
}

#[test]
fn a_hint_that_is_typed_is_given_and_a_broken_progress_ends_nothing() {
    let mut watch = Watch::start();
    watch.process.type_text("hint\n");
    watch.wait("hint 1");
    let progress = watch.place.path().join("my-course").join("course-progress.toml");
    let whole = fs::read(&progress).unwrap();
    fs::write(&progress, "version = ?\n").unwrap();
    watch.process.type_text("hint\n");
    watch.wait("cannot understand");
    fs::write(&progress, whole).unwrap();
    watch.process.type_text("hint\n");
    watch.wait("hint 2");
    watch.process.type_text("quit\n");
    assert!(watch.process.wait(Instant::now() + TIMEOUT).unwrap().success());
}

#[test]
fn after_twenty_saves_half_of_them_of_programs_that_never_end_no_process_and_no_file_is_left() {
    let mut watch = Watch::start();
    let rounds = if env::var_os("FULL_TESTS").is_some() { 100 } else { 10 };
    for round in 0..rounds {
        // What stands behind the program makes each save another one.
        let endless = ENDLESS[round % ENDLESS.len()];
        fs::write(watch.file(), format!("{endless}# {round}\n")).unwrap();
        watch.wait("stage 1 of ");
        // The next save stops the trial in its middle.
        let wrong = solution("01-answer-once").replace(".upper()", "");
        fs::write(watch.file(), format!("{wrong}# {round}\n")).unwrap();
        watch.wait("came      \"hello\"");
        watch.wait("────");
    }
    watch.process.interrupt().unwrap();
    assert!(watch.process.wait(Instant::now() + TIMEOUT).unwrap().success());
    let deadline = Instant::now() + TIMEOUT;
    loop {
        let left = of_folder(watch.place.path());
        let files: Vec<_> = fs::read_dir(watch.place.path().join("tmp")).unwrap().collect();
        if left.is_empty() && files.is_empty() {
            return;
        }
        assert!(Instant::now() < deadline, "left: {left:#?} {files:?}");
        thread::sleep(Duration::from_millis(20));
    }
}
