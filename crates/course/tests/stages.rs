//! The state of the road: each starter runs and fails exactly what its stage asks, each solution holds all that
//! was asked so far, and the next starter is the solution with a comment that asks for more.
//!
//! Every seventh program is tried, all of them with `FULL_TESTS=1`. `STAGE=03-` tries those whose stage
//! begins so.
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a helper that panics fails the test with what it could not do"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::thread;

use course::manifest::{Manifest, Part, Stage, lock_file};
use course::toolchain::{Source, package, python};
use course::trial;
use judge::Verdict;

/// The judge mostly waits, so some programs may be tried at the same time.
const WORKERS: usize = 4;

/// A program of a stage, in one language.
#[derive(Clone, Copy)]
struct Case<'a> {
    stage: &'a Stage,
    part: Part,
    source: Source,
}

impl Case<'_> {
    /// `stage-01-answer-once-starter`: what its package and its folder are called.
    fn name(&self) -> String {
        let part = if self.part == Part::Starter { "starter" } else { "solution" };
        format!("stage-{}-{part}", self.stage.id)
    }

    fn text(&self) -> &'static str {
        let text = self.stage.file(self.part, self.source);
        text.unwrap_or_else(|| panic!("{} has no {:?}", self.name(), self.source))
    }
}

fn manifest() -> Manifest {
    Manifest::ours().unwrap()
}

/// The cases that are tried this time.
fn cases(manifest: &Manifest) -> Vec<Case<'_>> {
    let wanted = env::var("STAGE").ok();
    let is_full = env::var_os("FULL_TESTS").is_some() || wanted.is_some();
    let mut cases = Vec::new();
    for stage in &manifest.stages {
        for source in Source::ALL {
            cases.extend([Part::Starter, Part::Solution].map(|part| Case { stage, part, source }));
        }
    }
    // A stage has four: the starter and the solution in two languages. A step of seven takes some of each.
    let mut at = 0;
    cases.retain(|case| {
        at += 1;
        wanted.as_ref().map_or(is_full || at % 7 == 1, |it| case.stage.id.starts_with(it.as_str()))
    });
    cases
}

/// Lays out the programs of these cases and builds those that have to be built. They stay in the target folder,
/// so that the next time builds only what has changed.
fn build(manifest: &Manifest, cases: &[Case]) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("stages");
    fs::create_dir_all(&folder).unwrap();
    let mut packages = Vec::new();
    for case in cases {
        let place = folder.join(case.name());
        match case.source {
            Source::Python => write(&place.join("main.py"), case.text()),
            Source::Rust => {
                let crates = manifest.crates(&case.stage.program);
                write(&place.join("Cargo.toml"), &package(&case.name(), &crates));
                write(&place.join("src/main.rs"), case.text());
                packages.push(case.name());
            }
        }
    }
    if packages.is_empty() {
        return folder;
    }
    let workspace = format!("[workspace]\nresolver = \"3\"\nmembers = {packages:?}\n");
    write(&folder.join("Cargo.toml"), &workspace);
    write(&folder.join("Cargo.lock"), lock_file());
    let cargo = |options: &[&str]| {
        let mut command = Command::new(env!("CARGO"));
        command.args(["build", "--quiet"]).args(options).current_dir(&folder);
        // What is set for this build is not meant for the learners'.
        command.env_remove("CARGO_TARGET_DIR").env_remove("RUSTFLAGS");
        command.output().unwrap()
    };
    // The crates are those of this project, so nothing has to be fetched where it was built.
    let built = Some(cargo(&["--offline"])).filter(|it| it.status.success());
    let built = built.unwrap_or_else(|| cargo(&[]));
    let said = String::from_utf8_lossy(&built.stderr);
    assert!(built.status.success(), "{said}");
    assert!(
        !said.contains("warning"),
        "a learner's program should build without warnings:\n{said}"
    );
    folder
}

/// Writes a file if it is not there already: a build looks at the time of its sources.
fn write(path: &Path, text: &str) {
    if fs::read_to_string(path).is_ok_and(|old| old == text) {
        return;
    }
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn words(folder: &Path, case: &Case) -> Vec<String> {
    let path = |end: &[&str]| {
        let path = end.iter().fold(folder.to_owned(), |path, name| path.join(name));
        path.to_str().unwrap().to_owned()
    };
    let name = case.name();
    match case.source {
        Source::Python => vec![python().to_owned(), path(&[&name, "main.py"])],
        Source::Rust => {
            vec![path(&["target", "debug", &format!("{name}{}", env::consts::EXE_SUFFIX)])]
        }
    }
}

/// What does not hold of a program, and what should not: nothing if it is as it should be.
fn fault(manifest: &Manifest, folder: &Path, case: &Case) -> Option<String> {
    let stage = case.stage;
    let demands = manifest.demands(stage, |_| true);
    let all: Vec<&str> =
        demands.iter().copied().chain(stage.must_fail.iter().map(String::as_str)).collect();
    let plan = trial::plan(manifest, stage, &words(folder, case), &all);
    let plan = plan.unwrap_or_else(|error| panic!("{}: {error}", stage.id));
    let should_fail: BTreeSet<&str> = match case.part {
        Part::Starter => stage.probes.iter().map(String::as_str).collect(),
        Part::Solution => stage.must_fail.iter().map(String::as_str).collect(),
    };
    let head = format!("{} in {:?}: ", case.name(), case.source);
    let report = match plan.run(|_| ()) {
        Ok(report) => report,
        Err(error) => return Some(format!("{head}{error}")),
    };
    let with = |verdict: Verdict| {
        let found = report.probes.iter().filter(move |it| it.verdict == verdict);
        found.map(|it| it.id).collect::<BTreeSet<_>>()
    };
    // Where the very first probe fails, the judge tries no other.
    let mut failed = &with(Verdict::Failed) | &with(Verdict::NotTried);
    if case.part == Part::Starter {
        // What is to be broken may be broken already, or be untried.
        failed.retain(|id| !stage.must_fail.iter().any(|it| it == id));
    }
    if failed == should_fail {
        return None;
    }
    let why = report.failed().into_iter().filter_map(|it| {
        let failed = it.failed.as_ref().filter(|_| !should_fail.contains(it.id))?;
        Some(format!("\n  {}: {} / {} / {}", it.id, failed.expected, failed.actual, failed.hint))
    });
    let why: String = why.collect();
    Some(format!("{head}fails {failed:?} and should fail {should_fail:?}{why}"))
}

#[test]
fn each_starter_fails_exactly_what_its_stage_asks_and_each_solution_holds_all_so_far() {
    let manifest = manifest();
    let cases = cases(&manifest);
    assert!(!cases.is_empty());
    let folder = build(&manifest, &cases);
    let (left, faults) = (Mutex::new(cases.iter()), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                let next = || left.lock().unwrap().next();
                while let Some(case) = next() {
                    faults.lock().unwrap().extend(fault(&manifest, &folder, case));
                }
            });
        }
    });
    let faults = faults.into_inner().unwrap();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// The lines of a program without its comments that ask, which end at the first line that is no comment.
fn without_asks(text: &str, source: Source) -> Vec<&str> {
    let mark = if source == Source::Python { "#" } else { "//" };
    let mut is_ask = false;
    let mut kept = Vec::new();
    for line in text.lines() {
        let comment = line.trim_start().strip_prefix(mark);
        is_ask = comment.is_some_and(|it| is_ask || it.trim_start().starts_with("ASK:"));
        if !is_ask {
            kept.push(line);
        }
    }
    kept
}

#[test]
fn the_next_starter_of_a_program_is_the_solution_with_comments_that_ask() {
    let manifest = manifest();
    let mut before: BTreeMap<&str, &Stage> = BTreeMap::new();
    for stage in &manifest.stages {
        for source in Source::ALL {
            let case = |stage, part| Case { stage, part, source };
            let starter = case(stage, Part::Starter).text();
            let solution = case(stage, Part::Solution).text();
            assert!(starter.contains("ASK:"), "the starter of {} asks for nothing", stage.id);
            assert!(!solution.contains("ASK:"), "the solution of {} asks for more", stage.id);
            if let Some(before) = before.get(stage.program.as_str()) {
                let solution = case(before, Part::Solution).text();
                let kept = without_asks(starter, source);
                let solution: Vec<&str> = solution.lines().collect();
                assert_eq!(kept, solution, "{} in {source:?} goes on from {}", stage.id, before.id);
            }
        }
        before.insert(&stage.program, stage);
    }
}

#[test]
fn each_stage_says_in_both_languages_what_it_asks_and_has_three_hints() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let manifest = manifest();
    let mut ids = BTreeSet::new();
    for stage in &manifest.stages {
        assert!(ids.insert(&stage.id), "two stages are called {}", stage.id);
        let number = stage.lesson().trim_start_matches("lesson");
        assert!(stage.id.starts_with(number), "{} is of another lesson", stage.id);
        assert_eq!(stage.hints.len(), 3, "the hints of {}", stage.id);
        assert!(!stage.probes.is_empty() || !stage.must_fail.is_empty(), "{}", stage.id);
        let texts = [&stage.title, &stage.text].into_iter().chain(&stage.hints);
        for text in texts {
            let [english, chinese] = text.all();
            assert!(!english.trim().is_empty(), "{}", stage.id);
            assert!(chinese.contains(is_chinese), "{}: {chinese}", stage.id);
            assert!(!english.contains(is_chinese), "{}: {english}", stage.id);
        }
        for read in stage.read.all() {
            let (file, heading) = read.split_once('#').unwrap_or((read, ""));
            let text = fs::read_to_string(root.join(file));
            let text = text.unwrap_or_else(|error| panic!("{}: {file}: {error}", stage.id));
            let has = heading.is_empty()
                || text.lines().any(|line| anchor(line) == Some(heading.to_owned()));
            assert!(has, "{}: {file} has no heading #{heading}", stage.id);
        }
    }
    for program in manifest.described_programs() {
        let is_one = |stage: &Stage| stage.program == program;
        assert!(manifest.stages.iter().any(is_one), "no stage is of {program}");
    }
}

fn is_chinese(character: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&character)
}

/// What a link to a heading is, as GitHub makes it.
fn anchor(line: &str) -> Option<String> {
    let heading = line.strip_prefix('#')?.trim_start_matches('#').trim().to_lowercase();
    let kept = heading.chars().filter(|it| it.is_alphanumeric() || matches!(it, ' ' | '-' | '_'));
    Some(kept.map(|it| if it == ' ' { '-' } else { it }).collect())
}
