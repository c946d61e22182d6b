//! Says in one line that OpenCV is missing, before the build of the crate `opencv` says it in many.

use std::env;
use std::path::Path;
use std::process::{Command, ExitCode};

/// Where Linux distributions keep libclang. A `*` stands for LLVM's version.
const PLACES: [&str; 5] = [
    "/usr/lib/llvm-*/lib",
    "/usr/lib/x86_64-linux-gnu",
    "/usr/lib/aarch64-linux-gnu",
    "/usr/lib64",
    "/usr/lib",
];

fn main() -> ExitCode {
    println!("cargo::rerun-if-changed=build.rs");
    for name in ["PKG_CONFIG_PATH", "PKG_CONFIG_LIBDIR", "PATH", "LIBCLANG_PATH"] {
        println!("cargo::rerun-if-env-changed={name}");
    }
    // Elsewhere OpenCV comes in many ways, and the crate's own words have to do. The same goes for
    // people who tell that crate where to look.
    let elsewhere = env::var("CARGO_CFG_TARGET_OS").is_ok_and(|system| system != "linux");
    let told = env::vars_os().any(|(name, _)| {
        let name = name.to_string_lossy();
        ["OPENCV", "OpenCV_", "CMAKE_PREFIX", "VCPKG"].iter().any(|start| name.starts_with(start))
    });
    if elsewhere || told {
        return ExitCode::SUCCESS;
    }
    let missing = match (has_opencv(), has_libclang()) {
        (true, true) => return ExitCode::SUCCESS,
        (false, true) => "OpenCV is",
        (true, false) => "libclang is",
        (false, false) => "OpenCV and libclang are",
    };
    println!(
        "cargo::error={missing} missing, and only this lesson needs OpenCV: run `scripts/setup \
         --opencv`, or leave lesson 07 out, as plain `cargo build` does"
    );
    ExitCode::FAILURE
}

/// Whether pkg-config, or else CMake, can find it.
fn has_opencv() -> bool {
    let runs = |program: &str, args: &[&str]| {
        Command::new(program).args(args).output().is_ok_and(|output| output.status.success())
    };
    runs("pkg-config", &["--exists", "opencv4"])
        || runs("pkg-config", &["--exists", "opencv"])
        || runs("cmake", &["--version"])
}

/// Whether there is the library with which `opencv` reads OpenCV's headers.
fn has_libclang() -> bool {
    env::var_os("LIBCLANG_PATH").is_some() || PLACES.iter().any(|place| holds_libclang(place))
}

fn holds_libclang(place: &str) -> bool {
    match place.split_once("llvm-*") {
        Some((parent, rest)) => names(parent.as_ref()).iter().any(|name| {
            name.starts_with("llvm-") && holds_libclang(&format!("{parent}{name}{rest}"))
        }),
        None => names(place.as_ref()).iter().any(|name| {
            name.starts_with("libclang.so")
                || (name.starts_with("libclang-") && name.contains(".so"))
        }),
    }
}

/// What a folder holds; nothing if it is not there.
fn names(folder: &Path) -> Vec<String> {
    let entries = folder.read_dir().into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}
