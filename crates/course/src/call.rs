//! How this program is called, as a person types it.

use std::env;
use std::path::Path;
use std::sync::OnceLock;

/// What stands before the words of a command.
static BEFORE: OnceLock<Before> = OnceLock::new();

#[derive(Debug)]
enum Before {
    /// Nothing: the words are typed into `watch`.
    Watch,
    /// The program, and `--dir` with the folder that was named.
    Folder(String),
}

/// From now on each line that [`call`] shows names this folder.
pub fn name_folder(folder: &Path) {
    let shown = folder.display().to_string();
    let is_plain = !shown.contains([' ', '\'', '"', '&', '(', ')', '$']);
    let shown = if is_plain { shown } else { format!("\"{shown}\"") };
    // A process is about one folder, so this is said once.
    _ = BEFORE.set(Before::Folder(format!("--dir {shown}")));
}

/// From now on each line that [`call`] shows is one to type while `watch` runs.
pub fn is_typed_into_watch() {
    _ = BEFORE.set(Before::Watch);
}

/// Whether the reader has `watch` in front of them.
pub fn in_watch() -> bool {
    matches!(BEFORE.get(), Some(Before::Watch))
}

/// The line that calls this program with these words: `cargo run -p course -- hint`, or `course hint` where it
/// is installed, or `hint`.
pub fn call(words: &str) -> String {
    // Cargo sets this for what it runs.
    let by_cargo = env::var("CARGO_PKG_NAME").is_ok_and(|name| name == "course");
    let words = match BEFORE.get() {
        Some(Before::Watch) => return words.to_owned(),
        Some(Before::Folder(options)) => format!("{options} {words}"),
        None => words.to_owned(),
    };
    match (by_cargo, words.trim_end()) {
        (true, "") => "cargo run -p course".to_owned(),
        (true, words) => format!("cargo run -p course -- {words}"),
        (false, "") => "course".to_owned(),
        (false, words) => format!("course {words}"),
    }
}
