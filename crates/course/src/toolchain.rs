//! How a learner's program is built and started, in the programming language of their choice.

use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// A programming language in which the course has starters and solutions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// Python 3, with nothing but its standard library.
    Python,
    /// Rust.
    Rust,
}

impl Source {
    /// Both of them.
    pub const ALL: [Source; 2] = [Source::Python, Source::Rust];

    /// How its files' names end.
    pub fn extension(self) -> &'static str {
        match self {
            Source::Python => "py",
            Source::Rust => "rs",
        }
    }
}

/// The word that starts Python 3 here: on Windows that is not always `python`, and `python3` may be a door to
/// a shop.
pub fn python() -> &'static str {
    const NAMES: &[&str] =
        if cfg!(windows) { &["py", "python", "python3"] } else { &["python3", "python"] };
    static FOUND: OnceLock<&str> = OnceLock::new();
    FOUND.get_or_init(|| {
        let starts = |name: &&&str| {
            let mut command = Command::new(name);
            command.arg("--version").stdin(Stdio::null());
            command.output().is_ok_and(|output| output.stdout.starts_with(b"Python 3"))
        };
        NAMES.iter().find(starts).copied().unwrap_or("python3")
    })
}

/// The package of a learner's Rust program.
pub fn package<'a>(
    name: &str,
    crates: impl IntoIterator<Item = (&'a String, &'a String)>,
) -> String {
    let crates = crates.into_iter().map(|(name, version)| format!("{name} = \"{version}\"\n"));
    let crates: String = crates.collect();
    format!(
        "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\n{crates}"
    )
}
