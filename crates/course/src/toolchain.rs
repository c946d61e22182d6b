//! How a learner's program is built and started, in the programming language of their choice.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use clap::ValueEnum;
use rust_i18n::t;
use serde::{Deserialize, Serialize};

/// What stands for the program's folder in the command of another language.
pub const PROGRAM: &str = "{program}";
/// How long a build may take. The first one may have to fetch crates.
const BUILD_TIMEOUT: Duration = Duration::from_secs(600);

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

/// What a learner writes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Choice {
    /// Python 3; its standard library is enough
    #[default]
    Python,
    /// Rust; cargo builds it
    Rust,
    /// Another language: --command says how a program is started
    Other,
}

/// What a learner writes in, and how that is started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Toolchain {
    /// Python 3.
    Python,
    /// Rust.
    Rust,
    /// The words of a command, in which [`PROGRAM`] stands for the program's folder.
    Other(Vec<String>),
}

/// Why a program was not built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The compiler refuses it, with these words.
    #[error("{0}")]
    Refused(String),
    /// There is no cargo, or it does not end.
    #[error(
        "{}",
        t!(
            "cannot build with cargo: %{why}; is Rust installed (https://rustup.rs)?",
            why = .0
        )
    )]
    Cargo(process::Error),
    /// The linker of Rust for Windows with GNU's tools cannot open a file in a folder like this one.
    #[error(
        "{}",
        t!(
            "the linker of this Rust, which is the one with GNU's tools, cannot take %{folder}, whose name is not all \
             of ASCII: move the course to another folder, or install the Rust for MSVC (https://rustup.rs)",
            folder = .0.display()
        )
    )]
    Folder(PathBuf),
}

impl Toolchain {
    /// In which language the course's own programs are shown to the learner.
    pub fn source(&self) -> Source {
        match self {
            Toolchain::Rust => Source::Rust,
            Toolchain::Python | Toolchain::Other(_) => Source::Python,
        }
    }

    /// The words that start a program of the folder of learner's programs `root`, without its arguments.
    pub fn words(&self, root: &Path, program: &str) -> Vec<String> {
        let shown = |path: &Path| path.to_string_lossy().into_owned();
        match self {
            Toolchain::Python => {
                let file = root.join(program).join("main.py");
                vec![python().to_owned(), "-u".to_owned(), shown(&file)]
            }
            Toolchain::Rust => {
                let file = format!("{program}{}", env::consts::EXE_SUFFIX);
                vec![shown(&root.join("target").join("debug").join(file))]
            }
            Toolchain::Other(words) => {
                words.iter().map(|word| word.replace(PROGRAM, program)).collect()
            }
        }
    }

    /// Builds the program, where it has to be built.
    ///
    /// # Errors
    /// [`BuildError`].
    pub fn build(&self, root: &Path, program: &str, in_colour: bool) -> Result<(), BuildError> {
        if *self != Toolchain::Rust {
            return Ok(());
        }
        let mut command = Command::new(cargo());
        command.args(["build", "--quiet", "--package", program, "--target-dir", "target"]);
        command.args(["--color", if in_colour { "always" } else { "never" }]);
        command.current_dir(root);
        // What is set for the course's own build is not meant for the learner's.
        command.env_remove("RUSTFLAGS");
        let built = process::run(command, "", Instant::now() + BUILD_TIMEOUT);
        match built.map_err(BuildError::Cargo)? {
            built if built.status == Some(0) => Ok(()),
            built if is_fault_of_folder(&built.stderr, root) => {
                Err(BuildError::Folder(root.to_owned()))
            }
            built => Err(BuildError::Refused(built.stderr)),
        }
    }

    /// Whether what it takes is installed here.
    pub fn is_installed(&self) -> bool {
        match self {
            Toolchain::Python => is_python(python()),
            Toolchain::Rust => answers(Path::new(&cargo()), b"cargo "),
            Toolchain::Other(_) => true,
        }
    }
}

/// Whether a build has failed in the linker, and only since that cannot open files in this folder: `ld` of
/// MinGW takes names in the code page of the system, and is given them in UTF-8.
fn is_fault_of_folder(said: &str, root: &Path) -> bool {
    let is_plain = root.to_str().is_some_and(str::is_ascii);
    !is_plain && said.contains("x86_64-w64-mingw32-gcc") && said.contains("ld: cannot ")
}

/// The word that starts Python 3 here. On Windows that is not always `python`, and `python3` may only open a
/// shop.
pub fn python() -> &'static str {
    const NAMES: [&str; 3] = match cfg!(windows) {
        true => ["py", "python", "python3"],
        false => ["python3", "python", "py"],
    };
    static FOUND: OnceLock<&str> = OnceLock::new();
    FOUND.get_or_init(|| NAMES.into_iter().find(|name| is_python(name)).unwrap_or(NAMES[0]))
}

/// The cargo that has started this program, or the one that is found by its name.
fn cargo() -> std::ffi::OsString {
    env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

fn is_python(name: &str) -> bool {
    answers(Path::new(name), b"Python 3")
}

/// Whether a program says its version, and that begins so.
fn answers(program: &Path, version: &[u8]) -> bool {
    let mut command = Command::new(program);
    command.arg("--version").stdin(Stdio::null());
    command.output().is_ok_and(|output| output.stdout.starts_with(version))
}

/// The manifest of a learner's Rust package.
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

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::is_fault_of_folder;

    #[test]
    fn what_gnus_linker_says_of_a_chinese_folder_is_told_apart_from_what_it_says_of_a_program() {
        let said = "error: linking with `x86_64-w64-mingw32-gcc` failed: exit code: 1\n  = note: ld: cannot open \
                    output file Z:\\?? ??\\my-course\\a.exe: Invalid argument";
        assert!(is_fault_of_folder(said, Path::new("我的 课程/my-course")));
        assert!(!is_fault_of_folder(said, Path::new("my course/my-course")));
        let undefined = said.replace("ld: cannot open output file", "undefined reference to `f'");
        assert!(!is_fault_of_folder(&undefined, Path::new("我的 课程/my-course")));
        assert!(!is_fault_of_folder("error[E0308]: mismatched types", Path::new("我的 课程")));
    }
}
