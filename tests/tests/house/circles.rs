//! Inside a crate no two files import each other, however long the way round is.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::modules::Crate;
use crate::tracked_files;

type Edges<'a> = BTreeMap<&'a Path, BTreeMap<&'a Path, BTreeSet<String>>>;

/// The shortest way from `from` back to itself, if there is one.
fn way_round<'a>(edges: &Edges<'a>, from: &'a Path) -> Option<Vec<&'a Path>> {
    let mut ways = vec![vec![from]];
    let mut seen = BTreeSet::new();
    while !ways.is_empty() {
        let mut longer = Vec::new();
        for way in ways {
            for next in edges.get(way[way.len() - 1]).into_iter().flat_map(BTreeMap::keys) {
                let on: Vec<_> = way.iter().copied().chain([*next]).collect();
                if *next == from {
                    return Some(on);
                }
                if seen.insert(*next) {
                    longer.push(on);
                }
            }
        }
        ways = longer;
    }
    None
}

/// One line for each circle: `a.rs → b.rs (why) → a.rs (why)`.
fn circles(root: &Path) -> BTreeSet<String> {
    let read = Crate::read(root);
    let edges = read.edges();
    let folder = root.parent().unwrap();
    let mut circles = BTreeMap::new();
    for file in edges.keys() {
        let Some(way) = way_round(&edges, file) else { continue };
        let members: BTreeSet<_> = way.iter().copied().collect();
        let name = |file: &Path| file.strip_prefix(folder).unwrap_or(file).display().to_string();
        let step = |pair: &[&Path]| {
            let why = Vec::from_iter(edges[pair[0]][pair[1]].iter().take(3).cloned()).join(", ");
            format!(" → {} ({why})", name(pair[1]))
        };
        let line = name(way[0]) + &way.windows(2).map(step).collect::<String>();
        circles.entry(members).or_insert(line);
    }
    circles.into_values().collect()
}

#[test]
fn no_two_files_of_a_crate_import_each_other() {
    let is_root = |file: &&PathBuf| {
        let in_source = file.parent().is_some_and(|parent| parent.ends_with("src"));
        in_source && (file.ends_with("lib.rs") || file.ends_with("main.rs"))
    };
    let mut wrong = Vec::new();
    for root in tracked_files().iter().filter(is_root) {
        let found = circles(&e2e::root().join(root));
        wrong.extend(found.iter().map(|circle| format!("{}: {circle}", root.display())));
    }
    assert!(wrong.is_empty(), "circles of files:\n{}", wrong.join("\n"));
}

/// A crate of two files that call each other through a name that is exported again.
#[test]
fn a_circle_is_found_through_a_re_export_and_a_one_way_import_is_none() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("lib.rs", "mod a; mod b; pub use a::A; pub use b::B;");
    write("a.rs", "use crate::B; pub struct A(B);");
    write("b.rs", "pub struct B;");
    assert_eq!(circles(&folder.path().join("lib.rs")), BTreeSet::new());
    write("b.rs", "pub struct B; fn f() { let _ = vec![crate::A::new()]; }");
    let found = circles(&folder.path().join("lib.rs"));
    assert_eq!(
        Vec::from_iter(found),
        ["a.rs → b.rs (B, crate::B) → a.rs (crate::A::new)".to_owned()]
    );
    write("b.rs", "pub struct B; #[cfg(test)] mod tests { use crate::A; }");
    assert_eq!(circles(&folder.path().join("lib.rs")), BTreeSet::new());
    write("lib.rs", "mod a; pub struct B; fn f() -> a::A { a::A }");
    assert_eq!(
        circles(&folder.path().join("lib.rs")).len(),
        1,
        "the root is a file like any other"
    );
}
