//! Where the programs are.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use serde_json::Value;

use crate::{in_english, manifest, root};

/// A lesson's program by the name of its package, such as `lesson01-server`; or `judge`. It speaks English.
///
/// `cargo test` builds the programs of the package under test only, so the first call builds all
/// of these, and asks cargo where it put them. They are optimized if the caller is: in a
/// benchmark, and with `cargo test --release`. A lesson that needs OpenCV is built when a test asks
/// for it, so that the others can be tested without.
///
/// Programs of another system can take their place: those that are in the folder `E2E_PROGRAMS` are
/// started by `E2E_WRAPPER`, such as Wine. scripts/wine sets both.
///
/// # Panics
/// When they cannot be built, or none of them is called `name`.
pub fn binary(name: &str) -> Command {
    let mut command = match (in_its_place(name), std::env::var_os("E2E_WRAPPER")) {
        (Some(program), Some(wrapper)) => {
            let mut command = Command::new(wrapper);
            command.arg(program);
            command
        }
        (Some(program), None) => Command::new(program),
        (None, _) => Command::new(built(name)),
    };
    in_english(&mut command);
    command
}

/// The program of this name, as cargo has built it.
fn built(name: &str) -> &'static Path {
    static BUILT: OnceLock<HashMap<String, PathBuf>> = OnceLock::new();
    static BUILT_WITH_OPENCV: OnceLock<HashMap<String, PathBuf>> = OnceLock::new();
    let found = BUILT.get_or_init(|| build(false)).get(name);
    let found = found.or_else(|| BUILT_WITH_OPENCV.get_or_init(|| build(true)).get(name));
    found.unwrap_or_else(|| panic!("no built lesson has a program {name}"))
}

/// Whether these programs are of Windows, and run under Wine. Then says why the test is not run: something that
/// Wine lacks, or that Windows does in another way.
pub fn skips_under_wine(names: &[&str], reason: &str) -> bool {
    let is_of_windows =
        |name: &&str| in_its_place(name).is_some_and(|program| program.extension().is_some());
    let skips = cfg!(not(windows)) && names.iter().any(is_of_windows);
    if skips {
        eprintln!("not run under Wine: {reason}");
    }
    skips
}

/// The program in the folder `E2E_PROGRAMS` that takes the place of the one with this name.
fn in_its_place(name: &str) -> Option<PathBuf> {
    let folder = PathBuf::from(std::env::var_os("E2E_PROGRAMS")?);
    let names = [name.to_owned(), format!("{name}.exe")];
    names.iter().map(|name| folder.join(name)).find(|program| program.is_file())
}

/// Whether this machine has OpenCV, without which lesson 07 cannot be built. Says so if not.
pub fn has_opencv() -> bool {
    let mut command = Command::new("pkg-config");
    let found = command.args(["--exists", "opencv4"]).status().is_ok_and(|status| status.success());
    if !found {
        eprintln!("not run: OpenCV is missing; scripts/setup --opencv installs it");
    }
    found
}

/// One of the Python programs in `tests/peers`, such as `s001_2_server`.
///
/// # Panics
/// When there is no such program, or no Python.
pub fn peer(name: &str) -> Command {
    let program = root().join("tests/peers").join(format!("{name}.py"));
    assert!(program.exists(), "no Python peer is called {name}");
    python(&program)
}

/// Python with this program.
///
/// # Panics
/// When there is no Python.
pub fn python(program: &Path) -> Command {
    static PYTHON: OnceLock<PathBuf> = OnceLock::new();
    let mut command = Command::new(PYTHON.get_or_init(interpreter));
    // Without -B, two tests could meet over the cache of a module that both import.
    command.arg("-B").arg(program);
    command
}

/// The cargo that runs the tests, at the root of the repository. What it runs speaks English.
pub fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()));
    in_english(command.current_dir(root()));
    command
}

/// Builds the lessons that need OpenCV, or those that do not, and the judge.
fn build(opencv: bool) -> HashMap<String, PathBuf> {
    let mut command = cargo();
    command.args(["build", "--quiet", "--bins", "--message-format=json-render-diagnostics"]);
    if !cfg!(debug_assertions) {
        command.arg("--release");
    }
    let manifest = manifest::read();
    let lessons = manifest.built().filter(|lesson| lesson.opencv == opencv);
    for package in lessons.flat_map(|lesson| &lesson.packages) {
        command.args(["--package", package]);
    }
    if !opencv {
        command.args(["--package", "judge"]);
    }
    let output = command.stderr(Stdio::inherit()).output().expect("cargo cannot be started");
    assert!(output.status.success(), "the lessons cannot be built: {command:?}");
    let messages = String::from_utf8(output.stdout).unwrap();
    let executable = |line| {
        let message: Value = serde_json::from_str(line).unwrap();
        let path = message["executable"].as_str()?;
        Some((message["target"]["name"].as_str()?.to_owned(), path.into()))
    };
    messages.lines().filter_map(executable).collect()
}

/// The interpreter itself: `python3` may be a script that looks for it first, every time.
fn interpreter() -> PathBuf {
    let name = if cfg!(windows) { "python" } else { "python3" };
    let asked = Command::new(name).args(["-c", "import sys; print(sys.executable)"]).output();
    let output = asked.unwrap_or_else(|error| {
        panic!("these tests need {name} ({error}); scripts/setup installs it")
    });
    assert!(output.status.success(), "{name} does not run: {output:?}");
    String::from_utf8(output.stdout).unwrap().trim().into()
}
