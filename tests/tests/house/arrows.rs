//! Which of our packages may be built on which.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::table;

/// A package of this workspace.
struct Package {
    name: String,
    /// The names of our packages that its programs and its library are built on.
    imports: BTreeSet<String>,
    /// The names of our packages that only its tests are built on.
    test_imports: BTreeSet<String>,
}

fn packages() -> Vec<Package> {
    let mut cargo = e2e::cargo();
    let output =
        cargo.args(["metadata", "--no-deps", "--offline", "--format-version", "1"]).output();
    let metadata: Value = serde_json::from_slice(&output.unwrap().stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let name = |package: &Value| package["name"].as_str().unwrap().to_owned();
    let ours = BTreeSet::from_iter(packages.iter().map(name));
    let dependencies = |package: &Value, of_tests: bool| -> BTreeSet<String> {
        let all = package["dependencies"].as_array().unwrap();
        let chosen = all.iter().filter(|one| (one["kind"] == "dev") == of_tests).map(name);
        chosen.filter(|name| ours.contains(name)).collect()
    };
    let package = |package: &Value| Package {
        name: name(package),
        imports: dependencies(package, false),
        test_imports: dependencies(package, true),
    };
    packages.iter().map(package).collect()
}

/// `lesson07-server` → `(lesson07, server)`.
fn lesson_and_part(package: &str) -> Option<(&str, &str)> {
    package.split_once('-').filter(|(lesson, _)| lesson.starts_with("lesson"))
}

/// What the table of ARCHITECTURE.md allows: room → rooms.
fn allowed() -> BTreeMap<String, BTreeSet<String>> {
    let quoted = |cell: &str| -> Vec<String> {
        cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
    };
    let mut allowed = BTreeMap::new();
    for row in table("arrows") {
        let [rooms, imports] = row.as_slice() else { panic!("a row of two cells: {row:?}") };
        for room in quoted(rooms) {
            allowed.insert(room, BTreeSet::from_iter(quoted(imports)));
        }
    }
    allowed
}

/// The name of a package in the table: a lesson's own parts are `shared`, `server` and `client`.
fn room(package: &str) -> &str {
    match lesson_and_part(package) {
        Some((_, part)) => part,
        None if package == "e2e" => "tests",
        None => package,
    }
}

/// Whether `package` may import `other`, by a row of the table.
fn is_allowed(row: &BTreeSet<String>, package: &str, other: &str) -> bool {
    match (lesson_and_part(package), lesson_and_part(other)) {
        (Some((lesson, _)), Some((of, part))) => lesson == of && row.contains(part),
        (None, Some((lesson, _))) => row.contains(lesson),
        (_, None) => row.contains(other),
    }
}

#[test]
fn every_package_imports_only_what_the_architecture_allows() {
    let allowed = allowed();
    let mut wrong = Vec::new();
    for package in packages() {
        let Some(row) = allowed.get(room(&package.name)) else {
            wrong.push(format!("{} has no row in the table of ARCHITECTURE.md", package.name));
            continue;
        };
        let forbidden = package.imports.iter().filter(|o| !is_allowed(row, &package.name, o));
        wrong.extend(forbidden.map(|other| format!("{} → {other}", package.name)));
    }
    assert!(wrong.is_empty(), "ARCHITECTURE.md does not allow:\n{}", wrong.join("\n"));
}

#[test]
fn the_architecture_names_no_room_that_is_not_there() {
    let packages = packages();
    let rooms: BTreeSet<&str> = packages.iter().map(|package| room(&package.name)).collect();
    let lessons = packages.iter().filter_map(|package| lesson_and_part(&package.name));
    let known: BTreeSet<&str> =
        rooms.into_iter().chain(lessons.map(|(lesson, _)| lesson)).collect();
    for (room, imports) in allowed() {
        for name in imports.iter().chain([&room]) {
            assert!(known.contains(name.as_str()), "the table names `{name}`, and there is none");
        }
    }
}

#[test]
fn no_lesson_is_built_on_another_and_its_tests_are_not_either() {
    for package in packages() {
        let Some((lesson, _)) = lesson_and_part(&package.name) else { continue };
        for other in package.imports.iter().chain(&package.test_imports) {
            let other_lesson = lesson_and_part(other).map(|(lesson, _)| lesson);
            assert!(
                other_lesson.is_none_or(|other| other == lesson),
                "{} → {other}: another lesson",
                package.name
            );
        }
    }
}
