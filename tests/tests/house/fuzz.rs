//! The targets of the fuzzer: each is a file, has seeds, and is in the table.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use toml::Table;

/// The names in a folder, without what is behind a dot.
fn names(folder: &str) -> BTreeSet<String> {
    let entries = fs::read_dir(e2e::root().join(folder)).unwrap();
    let stem = |path: &Path| path.file_stem().unwrap().to_str().unwrap().to_owned();
    entries.map(|entry| stem(&entry.unwrap().path())).collect()
}

#[test]
fn each_target_of_the_fuzzer_has_a_file_a_line_in_the_table_and_seeds() {
    let mut files = names("tests/fuzz/src");
    for shared in ["lib", "choices", "pieces"] {
        assert!(files.remove(shared), "{shared} is gone");
    }
    assert_eq!(files, names("tests/fuzz/seeds"), "a target and its seeds have one name");
    let table = fs::read_to_string(e2e::root().join("tests/fuzz/src/lib.rs")).unwrap();
    for target in files {
        assert!(table.contains(&format!("(\"{target}\", {target}::run)")), "{target} is not run");
        let seeds = names(&format!("tests/fuzz/seeds/{target}"));
        assert!(!seeds.is_empty(), "{target} has no seeds");
    }
}

/// The versions that a lock file holds, as `name version`.
fn locked(file: &str) -> BTreeSet<String> {
    let text = fs::read_to_string(e2e::root().join(file)).unwrap();
    let lock: Table = text.parse().unwrap();
    let packages = lock["package"].as_array().unwrap().iter();
    let of_registry = packages.filter(|package| package.get("source").is_some());
    let text = |package: &toml::Value, key: &str| package[key].as_str().unwrap().to_owned();
    of_registry.map(|it| format!("{} {}", text(it, "name"), text(it, "version"))).collect()
}

#[test]
fn what_is_fuzzed_is_built_on_the_same_versions_as_what_is_run() {
    let (ours, fuzzed) = (locked("Cargo.lock"), locked("tests/fuzz/libfuzzer/Cargo.lock"));
    // What only libFuzzer needs is no part of what is run.
    let own = ["arbitrary", "cc", "find-msvc-tools", "jobserver", "libfuzzer-sys"];
    let is_own = |it: &&String| own.iter().any(|name| it.starts_with(&format!("{name} ")));
    let other: Vec<_> = fuzzed.difference(&ours).filter(|it| !is_own(it)).collect();
    assert!(
        other.is_empty(),
        "copy Cargo.lock to tests/fuzz/libfuzzer, and run scripts/fuzz: {other:?}"
    );
}
