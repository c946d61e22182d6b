//! The files of a program, as far as a save shows: when they were changed, and how long they are.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::toolchain::Toolchain;

/// How many files are looked at, at most: a program of the course has one, and perhaps a few beside it.
const MAX_FILES: usize = 1000;
/// How deep folders are looked into.
const MAX_DEPTH: usize = 5;
/// Folders in which programs are built, and not written.
const BUILT: [&str; 6] = ["target", "node_modules", "build", "bin", "obj", "__pycache__"];

/// The files of a program. Two are the same if nobody has saved in between.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sources(BTreeMap<PathBuf, (Option<SystemTime>, u64)>);

impl Sources {
    /// What is in this folder now. In a language that the course knows, only that language's files count: what
    /// a program writes while it is tried is no save.
    pub fn of(folder: &Path, toolchain: &Toolchain) -> Sources {
        let mut sources = Sources::default();
        sources.collect(folder, toolchain, MAX_DEPTH);
        sources
    }

    fn collect(&mut self, folder: &Path, toolchain: &Toolchain, depth: usize) {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let (path, name) = (entry.path(), entry.file_name());
            let name = name.to_string_lossy();
            let Ok(kind) = entry.metadata() else { continue };
            let is_hidden = name.starts_with('.') || name.ends_with('~');
            if is_hidden || self.0.len() >= MAX_FILES {
                continue;
            }
            if kind.is_dir() && depth > 0 && !BUILT.contains(&&*name) {
                self.collect(&path, toolchain, depth - 1);
            } else if kind.is_file() && is_source(&path, toolchain) {
                self.0.insert(path, (kind.modified().ok(), kind.len()));
            }
        }
    }
}

fn is_source(path: &Path, toolchain: &Toolchain) -> bool {
    let extension = path.extension().and_then(|it| it.to_str()).unwrap_or_default();
    match toolchain {
        Toolchain::Python => extension == "py",
        Toolchain::Rust => matches!(extension, "rs" | "toml"),
        // What a compiler makes is no text, or has one of these names.
        Toolchain::Other(_) => {
            !matches!(extension, "" | "exe" | "o" | "obj" | "class" | "log" | "pdb" | "dll" | "so")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_save_by_rename_is_seen_and_what_a_program_writes_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::write(path("main.py"), "a").unwrap();
        let before = Sources::of(folder.path(), &Toolchain::Python);
        fs::write(path("log.txt"), "b").unwrap();
        fs::write(path(".main.py.swp"), "c").unwrap();
        fs::create_dir(path("__pycache__")).unwrap();
        fs::write(path("__pycache__/main.py"), "d").unwrap();
        assert_eq!(Sources::of(folder.path(), &Toolchain::Python), before);
        fs::write(path("new"), "e, longer").unwrap();
        fs::rename(path("new"), path("main.py")).unwrap();
        assert_ne!(Sources::of(folder.path(), &Toolchain::Python), before);
    }
}
