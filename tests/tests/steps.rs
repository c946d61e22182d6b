//! The steps from a lesson's `bare.rs` to its `lib.rs`: each is small, and compiles.
// The script that shows them is a shell's.
#![cfg(unix)]

use std::path::{Path, PathBuf};
use std::process::Command;

use e2e::{cargo, manifest, root};

/// How many lines a step may have that the one before has not, or has otherwise.
const MOST_CHANGED: usize = 15;
const SIDES: [&str; 2] = ["server", "client"];

#[test]
fn each_step_changes_at_most_fifteen_lines_a_side() {
    for lesson in lessons() {
        let number = lesson.number.to_string();
        for step in 1..=steps(&lesson.path).max(1) {
            let shown = Command::new(root().join("scripts/diff"))
                .args([&number, "--step", &step.to_string()])
                .output()
                .unwrap();
            let errors = String::from_utf8_lossy(&shown.stderr);
            assert!(shown.status.success(), "lesson {number}, step {step}: {errors}");
            let shown = String::from_utf8(shown.stdout).unwrap();
            let sides: Vec<&str> = shown.split("--- ").skip(1).collect();
            assert_eq!(sides.len(), 2, "lesson {number}, step {step}\n{shown}");
            for side in sides {
                let is_new = |line: &&str| line.starts_with('+') && !line.starts_with("+++");
                let changed = side.lines().filter(is_new).count();
                let is_small = (1..=MOST_CHANGED).contains(&changed);
                assert!(is_small, "lesson {number}, step {step}: {changed} lines\n{side}");
            }
        }
    }
}

#[test]
fn each_step_compiles_without_a_warning() {
    for lesson in lessons() {
        for (side, package) in SIDES.iter().zip(&lesson.packages) {
            for step in 1..=steps(&lesson.path) {
                let example = format!("bare-{package}-step-{step}");
                let built = cargo()
                    .args(["rustc", "--quiet", "--package", package, "--example", &example])
                    .args(["--", "-D", "warnings"])
                    .output()
                    .unwrap();
                let errors = String::from_utf8_lossy(&built.stderr);
                assert!(built.status.success(), "{side}, step {step}\n{errors}");
            }
        }
    }
}

struct Steps {
    number: u16,
    packages: Vec<String>,
    path: PathBuf,
}

/// The lessons that have such steps.
fn lessons() -> Vec<Steps> {
    let all = manifest::read().lesson.into_iter().map(|lesson| Steps {
        number: lesson.number,
        packages: lesson.packages,
        path: root().join("lessons").join(lesson.folder),
    });
    let with_steps: Vec<Steps> = all.filter(|lesson| steps(&lesson.path) > 0).collect();
    assert!(!with_steps.is_empty(), "no lesson has steps");
    with_steps
}

/// How many steps a lesson has, at the side that has more.
fn steps(lesson: &Path) -> usize {
    let count = |side: &&str| {
        let folder = lesson.join(side).join("examples/steps");
        folder.read_dir().map_or(0, |files| files.count())
    };
    SIDES.iter().map(count).max().unwrap_or(0)
}
