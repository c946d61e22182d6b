//! The rules of ARCHITECTURE.md: who may import whom, no circle of files, no twins but the intended ones,
//! and how much of each lesson there is to read; and the table of dependencies of CONTRIBUTING.md.
// The rules are about the files, which are the same on every system.
#![cfg(unix)]
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails with the line that unwraps"
)]

mod arrows;
mod circles;
mod dependencies;
mod fuzz;
mod modules;
mod sizes;
mod twins;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::{fs, str};

/// The page whose promises these tests hold.
fn architecture() -> String {
    fs::read_to_string(e2e::root().join("ARCHITECTURE.md")).unwrap()
}

/// The cells of the rows of ARCHITECTURE.md's table behind `<!-- MARK`.
fn table(mark: &str) -> Vec<Vec<String>> {
    table_in(&architecture(), mark)
}

/// The cells of the rows of the page's table behind `<!-- MARK`, without its two heading lines.
fn table_in(page: &str, mark: &str) -> Vec<Vec<String>> {
    let (_, behind) = page.split_once(&format!("<!-- {mark}")).expect("the page has the mark");
    let rows = behind.lines().skip_while(|line| !line.starts_with('|'));
    let rows = rows.take_while(|line| line.starts_with('|')).skip(2);
    let cells = |row: &str| row.trim_matches('|').split('|').map(|c| c.trim().to_owned()).collect();
    rows.map(cells).collect()
}

/// The files that git knows or would know, below the root of the repository, in order.
fn tracked_files() -> &'static [PathBuf] {
    static FILES: OnceLock<Vec<PathBuf>> = OnceLock::new();
    FILES.get_or_init(|| {
        let mut git = Command::new("git");
        git.current_dir(e2e::root());
        let listed = git.args(["ls-files", "--cached", "--others", "--exclude-standard"]);
        let listed = listed.output().expect("git can be started");
        let names = str::from_utf8(&listed.stdout).unwrap().lines().map(PathBuf::from);
        let mut files: Vec<_> = names.filter(|name| e2e::root().join(name).is_file()).collect();
        files.sort();
        assert!(files.iter().any(|file| file == Path::new("Cargo.toml")), "not a repository?");
        files
    })
}
