//! The commands as a person types them, in a folder whose name has a space and Chinese in it.
#![allow(
    clippy::unwrap_used,
    reason = "a helper that panics fails the test with what it could not do"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use course::manifest::Manifest;
use tempfile::TempDir;

/// A learner's place, in which a course was started.
struct Place(TempDir);

impl Place {
    fn new() -> Place {
        Place::started(&["start"])
    }

    fn started(words: &[&str]) -> Place {
        let place = Place(tempfile::tempdir().unwrap());
        let started = place.course(words);
        assert_eq!(started.status.code(), Some(0), "{}", said(&started));
        place
    }

    fn folder(&self) -> PathBuf {
        self.0.path().join("我的 course")
    }

    fn course(&self, words: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_course"));
        command.args(words).arg("--dir").arg(self.folder()).current_dir(self.0.path());
        command.env("SOCKET_LANG", "en").env("NO_COLOR", "1").output().unwrap()
    }

    fn file(&self) -> PathBuf {
        self.folder().join("lesson01-server").join("main.py")
    }

    /// Writes the solution of a stage as the learner's own.
    fn solve(&self, id: &str) {
        let stages = Path::new(env!("CARGO_MANIFEST_DIR")).join("stages");
        fs::write(self.file(), fs::read_to_string(stages.join(id).join("solution.py")).unwrap())
            .unwrap();
    }
}

/// How many stages there are.
fn all() -> usize {
    Manifest::ours().unwrap().stages.len()
}

/// What was printed, on either stream.
fn said(output: &Output) -> String {
    let text = [&output.stdout, &output.stderr].map(|it| String::from_utf8_lossy(it).into_owned());
    text.concat()
}

#[test]
fn a_stage_is_failed_then_passed_and_the_learners_file_stays_as_it_is() {
    let place = Place::new();
    let failed = place.course(&["check"]);
    assert_eq!(failed.status.code(), Some(1), "{}", said(&failed));
    assert!(said(&failed).contains("answers/first"), "{}", said(&failed));
    place.solve("01-answer-once");
    let own = fs::read(place.file()).unwrap();
    let passed = place.course(&["check"]);
    assert_eq!(passed.status.code(), Some(0), "{}", said(&passed));
    assert!(said(&place.course(&[])).contains("01-answer-again"));
    assert_eq!(fs::read(place.file()).unwrap(), own);
    let status = said(&place.course(&["status"]));
    assert!(status.contains(&format!("1 of {} stages passed", all())), "{status}");
}

#[test]
fn each_hint_is_one_more_and_is_remembered() {
    let place = Place::new();
    for number in 1..=3 {
        let hints = said(&place.course(&["hint"]));
        assert!(hints.contains(&format!("hint {number}")), "{hints}");
        assert!(!hints.contains(&format!("hint {}", number + 1)), "{hints}");
    }
    let no_more = said(&place.course(&["hint"]));
    assert!(no_more.contains("hint 3") && no_more.contains("solution"), "{no_more}");
}

#[test]
fn a_reset_keeps_what_was_written_under_a_name_that_it_prints() {
    let place = Place::new();
    for (text, aside) in [("# first\n", "before-1.py"), ("# second\n", "before-2.py")] {
        fs::write(place.file(), text).unwrap();
        let reset = said(&place.course(&["reset", "01-answer-once"]));
        assert!(reset.contains(aside), "{reset}");
        let kept = place.file().with_file_name(format!("main.{aside}"));
        assert_eq!(fs::read_to_string(kept).unwrap(), text);
        assert!(fs::read_to_string(place.file()).unwrap().contains("ASK:"));
    }
}

#[test]
fn what_is_skipped_is_counted_and_the_solution_shows_what_differs() {
    let place = Place::new();
    let solution = said(&place.course(&["solution"]));
    assert!(solution.contains("\n+") && solution.contains("\n-"), "{solution}");
    let skipped = said(&place.course(&["skip"]));
    assert!(skipped.contains("skipped") && skipped.contains("01-answer-again"), "{skipped}");
    let status = said(&place.course(&["status"]));
    let wanted = format!("0 of {} stages passed, 1 skipped", all());
    assert!(status.contains(&wanted), "{status}");
}

#[test]
fn what_cannot_be_done_is_said_in_one_line_and_nothing_is_lost() {
    let place = Place::new();
    let again = place.course(&["start"]);
    assert_eq!(again.status.code(), Some(3));
    assert!(said(&again).contains("already"), "{}", said(&again));
    let progress = place.folder().join("course-progress.toml");
    let wrong = [
        ("version = 1\nlanguage = ?\n", ": 2: "),
        // What is wrong begins its line.
        ("version = 1\nlanguage = \"python\"\nbogus = 1\n", ": 3: "),
        ("version = 99\n", "newer"),
    ];
    for (text, words) in wrong {
        fs::write(&progress, text).unwrap();
        let broken = place.course(&["hint"]);
        assert_eq!(broken.status.code(), Some(3), "{}", said(&broken));
        assert!(said(&broken).contains(words), "{}", said(&broken));
        assert_eq!(said(&broken).lines().count(), 1, "{}", said(&broken));
        assert_eq!(fs::read_to_string(&progress).unwrap(), text);
    }
    fs::remove_file(&progress).unwrap();
    let none = place.course(&["hint"]);
    assert!(none.status.code() == Some(3) && said(&none).contains("start"), "{}", said(&none));
}

#[test]
fn wrong_usage_is_status_2_in_either_language() {
    let place = Place::new();
    let never = ["check", "--patience", "never"];
    let all =
        [&["bla"][..], &["reset"], &["start", "--in", "other"], &["hint", "--lang", "fr"], &never];
    for words in all {
        for language in ["en", "zh"] {
            let mut command = Command::new(env!("CARGO_BIN_EXE_course"));
            command.args(words).current_dir(place.0.path()).env("SOCKET_LANG", language);
            let wrong = command.output().unwrap();
            assert_eq!(wrong.status.code(), Some(2), "{words:?}: {}", said(&wrong));
            assert!(wrong.stdout.is_empty(), "{words:?}: {}", said(&wrong));
        }
    }
}

#[test]
fn who_asks_for_less_patience_gets_it() {
    let place = Place::new();
    let starter = fs::read_to_string(place.file()).unwrap();
    let silent = starter.replace("connection.close()", "connection.recv(1024)");
    assert_ne!(silent, starter);
    fs::write(place.file(), silent).unwrap();
    let failed = place.course(&["check", "--patience", "123ms"]);
    assert_eq!(failed.status.code(), Some(1), "{}", said(&failed));
    assert!(said(&failed).contains("nothing in 123ms"), "{}", said(&failed));
}

#[test]
fn without_a_command_the_stage_is_said_that_is_to_be_done() {
    let place = Place::new();
    let here = said(&place.course(&[]));
    let title = format!("stage 1 of {}: Answer once (01-answer-once)\n", all());
    assert!(here.starts_with(&title), "{here}");
    assert!(here.contains("main.py"), "{here}");
}

#[test]
fn a_program_in_another_language_is_started_by_its_command() {
    let stages = Path::new(env!("CARGO_MANIFEST_DIR")).join("stages");
    let solution = stages.join("01-answer-once").join("solution.py");
    let command = format!("{} -u '{}'", course::toolchain::python(), solution.display());
    let place = Place::started(&["start", "--in", "other", "--command", &command]);
    let passed = place.course(&["check"]);
    assert_eq!(passed.status.code(), Some(0), "{}", said(&passed));
    // The same program has one answer only.
    let failed = place.course(&["check"]);
    assert_eq!(failed.status.code(), Some(1), "{}", said(&failed));
    assert!(said(&failed).contains("answers/again"), "{}", said(&failed));
}

#[test]
fn a_course_in_rust_is_a_package_that_cargo_builds() {
    let place = Place::started(&["start", "--in", "rust"]);
    for file in ["Cargo.toml", "Cargo.lock", "lesson01-server/Cargo.toml"] {
        assert!(place.folder().join(file).is_file(), "{file}");
    }
    let failed = place.course(&["check"]);
    assert_eq!(failed.status.code(), Some(1), "{}", said(&failed));
    assert!(said(&failed).contains("answers/first"), "{}", said(&failed));
    assert!(place.folder().join("lesson01-server/src/main.rs").is_file());
}
