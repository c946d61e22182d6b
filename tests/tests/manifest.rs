//! The manifest tells the truth about the lessons.
#![expect(clippy::unwrap_used, reason = "a test fails with the line that unwraps")]

use std::collections::BTreeSet;
use std::fs;

use e2e::{Program, binary, cargo, has_opencv, manifest, root};
use serde_json::Value;

/// The packages of the workspace below `lessons`, as cargo sees them: folder and name.
fn lesson_packages() -> BTreeSet<(String, String)> {
    let output = cargo().args(["metadata", "--no-deps", "--format-version", "1"]).output().unwrap();
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap().iter();
    let of_a_lesson = |package: &Value| {
        let path = package["manifest_path"].as_str()?;
        let (folder, _) = path.split_once("/lessons/")?.1.split_once('/')?;
        Some((folder.to_owned(), package["name"].as_str()?.to_owned()))
    };
    packages.filter_map(of_a_lesson).collect()
}

#[test]
fn the_built_lessons_are_those_of_the_workspace_each_in_its_folder() {
    let manifest = manifest::read();
    let listed: BTreeSet<(String, String)> = manifest
        .built()
        .flat_map(|lesson| {
            let packages = lesson.packages.iter().cloned().chain(lesson.shared_package());
            packages.map(|name| (lesson.folder.clone(), name))
        })
        .collect();
    assert_eq!(listed, lesson_packages());
    for lesson in manifest.lesson.iter().filter(|lesson| !lesson.built) {
        let folder = root().join("lessons").join(&lesson.folder);
        assert!(!folder.exists(), "{} is there, and the manifest says not built", lesson.folder);
        assert!(lesson.broken.is_empty() && lesson.fixes.is_empty(), "{}", lesson.folder);
    }
}

#[test]
fn plain_cargo_build_takes_every_package_but_the_ends_that_need_opencv() {
    let output = cargo().args(["metadata", "--no-deps", "--format-version", "1"]).output().unwrap();
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let taken = metadata["workspace_default_members"].to_string();
    for lesson in manifest::read().built() {
        for package in &lesson.packages {
            // Cargo's id of a package ends with #NAME@VERSION.
            let is_taken = taken.contains(&format!("#{package}@"));
            assert_eq!(is_taken, !lesson.opencv, "{package} in default-members of Cargo.toml");
        }
        if let Some(shared) = lesson.shared_package() {
            assert!(taken.contains(&format!("#{shared}@")), "{shared} in default-members");
        }
    }
}

#[test]
fn the_dev_container_installs_what_the_lessons_need() {
    let text = fs::read_to_string(root().join(".devcontainer/devcontainer.json")).unwrap();
    let container: Value = serde_json::from_str(&text).unwrap();
    let command: Vec<&str> = container["onCreateCommand"].as_str().unwrap().split(' ').collect();
    assert_eq!(command, ["scripts/setup", "--opencv"]);
    let setup = fs::read_to_string(root().join(command[0])).unwrap();
    assert!(setup.contains(&format!("{})", command[1])), "scripts/setup does not know {command:?}");
}

#[test]
fn every_lesson_is_numbered_in_order_and_named_by_its_number() {
    for (number, lesson) in (1..).zip(manifest::read().lesson) {
        let name = format!("lesson{number:02}");
        assert_eq!(lesson.number, number);
        assert_eq!(lesson.port, 8000 + number);
        assert_eq!(lesson.packages, [format!("{name}-server"), format!("{name}-client")]);
        assert!(lesson.folder.starts_with(&format!("{name}-")), "{}", lesson.folder);
        assert!(!lesson.title.en.is_empty() && !lesson.title.zh.is_empty(), "{name}");
    }
}

#[test]
fn the_port_is_the_default_that_help_shows() {
    for lesson in manifest::read().built().filter(|lesson| !lesson.opencv || has_opencv()) {
        for package in &lesson.packages {
            let mut command = binary(package);
            command.arg("--help");
            let help = Program::start(command).finish();
            let default = format!("[default: 127.0.0.1:{}]", lesson.port);
            assert!(help.stdout.contains(&default), "{package} --help has no {default}");
            assert_eq!(help.status, Some(0));
        }
    }
}

#[test]
fn what_a_lesson_fixes_is_broken_in_an_earlier_one() {
    let manifest = manifest::read();
    for lesson in &manifest.lesson {
        for fixed in &lesson.fixes {
            let earlier = manifest.lesson.iter().find(|earlier| earlier.number == fixed.lesson);
            let has_it = |fault: &manifest::Fault| fault.fault == fixed.fault;
            assert!(
                fixed.lesson < lesson.number && earlier.unwrap().broken.iter().any(has_it),
                "lesson {} fixes {fixed:?}, which is not broken there",
                lesson.number
            );
        }
    }
}
