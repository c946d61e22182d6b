//! What each package is built on: none that it does not use, none for tests only among the others, none
//! twice, and none that needs a newer Rust than `rust-version` says.
//!
//! Whether a dependency is used is read from the source: it is, where a path begins with its name. So a
//! dependency with the name of a module of ours would be taken to be used.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use serde_json::Value;
use toml::Table;

/// What cargo knows of this workspace and of all that it is built on, for every platform.
fn metadata() -> Value {
    let output = e2e::cargo().args(["metadata", "--locked", "--format-version", "1"]).output();
    let output = output.unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "cargo metadata: {errors}");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn packages(metadata: &Value) -> impl Iterator<Item = &Value> {
    metadata["packages"].as_array().unwrap().iter()
}

/// The packages of this workspace: only they have no source that they were fetched from.
fn ours(metadata: &Value) -> impl Iterator<Item = &Value> {
    packages(metadata).filter(|package| package["source"].is_null())
}

fn name(package: &Value) -> &str {
    package["name"].as_str().unwrap()
}

/// `1.89` and `1.89.0` are the same Rust.
fn version(text: &str) -> [u32; 3] {
    let mut parts = text.split('.').map(|part| part.parse().unwrap());
    [parts.next().unwrap(), parts.next().unwrap_or(0), parts.next().unwrap_or(0)]
}

/// The `rust-version` of the workspace.
fn rust_version() -> String {
    let text = fs::read_to_string(e2e::root().join("Cargo.toml")).unwrap();
    let root: Table = text.parse().unwrap();
    root["workspace"]["package"]["rust-version"].as_str().unwrap().to_owned()
}

#[test]
fn nothing_that_we_build_on_says_that_it_needs_a_newer_rust_than_we_do() {
    let (metadata, ours) = (metadata(), rust_version());
    let is_newer = |package: &&Value| {
        package["rust_version"].as_str().is_some_and(|needs| version(needs) > version(&ours))
    };
    let newer = packages(&metadata).filter(is_newer);
    let newer: Vec<_> = newer
        .map(|it| format!("{} {} needs {}", name(it), it["version"], it["rust_version"]))
        .collect();
    assert!(newer.is_empty(), "we say rust-version {ours}, but\n{}", newer.join("\n"));
}

#[test]
fn both_readmes_say_in_their_first_lines_which_rust_is_needed() {
    for page in ["README.md", "README.zh-CN.md"] {
        let text = fs::read_to_string(e2e::root().join(page)).unwrap();
        let first = text.lines().take(20).collect::<Vec<_>>().join("\n");
        let words = format!("Rust {}", rust_version());
        assert!(first.contains(&words), "{page} does not say {words} in its first 20 lines");
    }
}

#[test]
fn every_dependency_is_used_by_what_it_is_declared_for() {
    let metadata = metadata();
    // `md-5` is `md5` in the source.
    let library = |package: &Value| {
        let targets = package["targets"].as_array().unwrap().iter();
        let is_library = |target: &&Value| {
            let kinds = target["kind"].as_array().unwrap();
            kinds.iter().any(|kind| kind == "lib" || kind == "proc-macro")
        };
        targets.filter(is_library).map(|target| name(target).replace('-', "_")).next()
    };
    let libraries: BTreeMap<&str, String> =
        packages(&metadata).filter_map(|it| Some((name(it), library(it)?))).collect();
    let mut unused = Vec::new();
    for package in ours(&metadata) {
        let used =
            Used::by(Path::new(package["manifest_path"].as_str().unwrap()).parent().unwrap());
        for dependency in package["dependencies"].as_array().unwrap() {
            let (kind, among) = match dependency["kind"].as_str() {
                Some("dev") => ("dev-dependencies", &used.in_tests),
                Some("build") => ("build-dependencies", &used.in_build),
                _ => ("dependencies", &used.in_programs),
            };
            if !among.contains(&libraries[name(dependency)]) {
                unused.push(format!("{}: {kind}: {}", name(package), name(dependency)));
            }
        }
    }
    assert!(unused.is_empty(), "not used, or by tests only:\n{}", unused.join("\n"));
}

#[test]
fn no_package_lists_a_dependency_twice() {
    let metadata = metadata();
    let mut twice = Vec::new();
    for package in ours(&metadata) {
        let mut seen = BTreeSet::new();
        for dependency in package["dependencies"].as_array().unwrap() {
            // What one platform's programs use, the tests of all may use too; and a test may need a feature
            // more than the program does.
            let adds = dependency["kind"] == "dev"
                && dependency["features"].as_array().is_some_and(|features| !features.is_empty());
            if dependency["target"].is_null() && !adds && !seen.insert(name(dependency)) {
                twice.push(format!("{}: {}", name(package), name(dependency)));
            }
        }
    }
    assert!(twice.is_empty(), "a test may use what the program uses:\n{}", twice.join("\n"));
}

#[test]
fn the_workspace_declares_no_dependency_that_no_package_takes() {
    let metadata = metadata();
    let text = fs::read_to_string(e2e::root().join("Cargo.toml")).unwrap();
    let root: Table = text.parse().unwrap();
    let declared = root["workspace"]["dependencies"].as_table().unwrap().keys();
    let taken: BTreeSet<&str> = ours(&metadata)
        .flat_map(|package| package["dependencies"].as_array().unwrap().iter().map(name))
        .collect();
    let left: Vec<_> = declared.filter(|one| !taken.contains(one.as_str())).collect();
    assert!(left.is_empty(), "in [workspace.dependencies], and nobody's: {left:?}");
}

/// The names with which paths begin, in a package's source.
#[derive(Default)]
struct Used {
    /// In its library and its programs.
    in_programs: BTreeSet<String>,
    /// In its tests, its examples, its benchmarks, and the examples of its documentation.
    in_tests: BTreeSet<String>,
    /// In its `build.rs`.
    in_build: BTreeSet<String>,
}

impl Used {
    fn by(folder: &Path) -> Used {
        let mut used = Used::default();
        read(&folder.join("src"), &mut used.in_programs, &mut used.in_tests);
        for of_tests in ["tests", "examples", "benches"] {
            let mut plain = BTreeSet::new();
            read(&folder.join(of_tests), &mut plain, &mut used.in_tests);
            used.in_tests.append(&mut plain);
        }
        read(&folder.join("build.rs"), &mut used.in_build, &mut BTreeSet::new());
        used
    }
}

/// Reads a file, or all of a folder, if there is one.
fn read(path: &Path, plain: &mut BTreeSet<String>, in_tests: &mut BTreeSet<String>) {
    if let Ok(entries) = fs::read_dir(path) {
        entries.for_each(|entry| read(&entry.unwrap().path(), plain, in_tests));
    } else if path.extension().is_some_and(|extension| extension == "rs")
        && let Ok(text) = fs::read_to_string(path)
    {
        let tokens = text.parse().unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        collect(tokens, plain, in_tests);
        let documentation = text.lines().filter_map(|line| line.trim_start().strip_prefix("//"));
        let words = documentation.flat_map(|line| line.split([' ', '!', '/', '(', '&', '<']));
        let crates = words.filter_map(|word| Some(word.split_once("::")?.0.to_owned()));
        in_tests.extend(crates);
    }
}

/// Collects the names before `::`, and those of a plain `use NAME`; what stands behind `#[cfg(test)]` goes
/// to `in_tests`.
fn collect(tokens: TokenStream, plain: &mut BTreeSet<String>, in_tests: &mut BTreeSet<String>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let is_colon = |at: Option<usize>| {
        let token = at.and_then(|at| tokens.get(at));
        matches!(token, Some(TokenTree::Punct(mark)) if mark.as_char() == ':')
    };
    let mut for_tests = false;
    for (at, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Ident(word) => {
                let begins_a_path = is_colon(Some(at + 1)) && is_colon(Some(at + 2));
                let goes_on = is_colon(at.checked_sub(1)) && is_colon(at.checked_sub(2));
                let before = at.checked_sub(1).map(|before| tokens[before].to_string());
                // The macro `language::catalogue` writes a path of rust-i18n.
                let (word, begins_a_path) = match goes_on && word == "catalogue" {
                    true => ("rust_i18n".to_owned(), true),
                    false => (word.to_string(), begins_a_path && !goes_on),
                };
                if begins_a_path || matches!(before.as_deref(), Some("use" | "crate")) {
                    let names = if for_tests { &mut *in_tests } else { &mut *plain };
                    names.insert(word);
                }
            }
            TokenTree::Group(group) if for_tests => {
                let mut names = BTreeSet::new();
                collect(group.stream(), &mut names, in_tests);
                in_tests.append(&mut names);
                for_tests = group.delimiter() != Delimiter::Brace;
            }
            TokenTree::Group(group) => {
                let words = group.stream().to_string().replace(' ', "");
                for_tests = words.starts_with("cfg(test)") || words.starts_with("cfg(all(test");
                collect(group.stream(), plain, in_tests);
            }
            TokenTree::Punct(mark) if mark.as_char() == ';' => for_tests = false,
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
}

#[test]
fn a_name_is_taken_for_a_use_where_a_path_begins_with_it_and_behind_cfg_test_for_one_of_tests() {
    let text = "use a::{b::c}; extern crate d; fn e() -> f::G { let x = h(i::j); k!(l::m) }
        #[cfg(test)] mod tests { use n::o; #[test] fn p() { q::r() } } #[derive(s::T)] struct U;";
    let (mut plain, mut in_tests) = Default::default();
    collect(text.parse().unwrap(), &mut plain, &mut in_tests);
    assert_eq!(plain, ["a", "b", "d", "f", "i", "l", "s"].map(str::to_owned).into());
    assert_eq!(in_tests, ["n", "q"].map(str::to_owned).into());
}

#[test]
fn each_dependency_has_a_reason_in_contributing_and_each_reason_a_dependency() {
    let text = fs::read_to_string(e2e::root().join("Cargo.toml")).unwrap();
    let root: Table = text.parse().unwrap();
    let declared = root["workspace"]["dependencies"].as_table().unwrap().iter();
    // Our own rooms have a path, and are told in ARCHITECTURE.md.
    let declared = declared.filter(|(_, what)| what.get("path").is_none());
    let declared: BTreeSet<String> = declared.map(|(name, _)| format!("`{name}`")).collect();

    let page = fs::read_to_string(e2e::root().join("CONTRIBUTING.md")).unwrap();
    let rows = crate::table_in(&page, "dependencies:");
    assert!(rows.iter().all(|row| row.len() == 2 && !row[1].is_empty()), "a row has no reason");
    let told: BTreeSet<String> = rows.iter().map(|row| row[0].clone()).collect();
    assert_eq!(rows.len(), told.len(), "a dependency is told twice");
    let differ: Vec<_> = declared.symmetric_difference(&told).collect();
    assert!(differ.is_empty(), "in Cargo.toml or in CONTRIBUTING.md only: {differ:?}");
}
