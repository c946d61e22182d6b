//! What is to be put: each file that a person names, and each that is in a folder that a person names.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use console::warn;
use trace::text::escape_controls;

/// A file of this machine that is to be put.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Upload {
    /// Where it is.
    pub(crate) path: PathBuf,
    /// What it is to be called on the server; `None` if its name here is not UTF-8.
    pub(crate) name: Option<String>,
}

/// The files that these paths lead to. A folder's files keep their folders, from its own name on; `as_name`
/// takes the place of that name, or of a file's.
///
/// # Errors
/// When a folder cannot be read.
pub(crate) fn uploads(paths: &[PathBuf], as_name: Option<&str>) -> anyhow::Result<Vec<Upload>> {
    let mut found = Vec::new();
    for path in paths {
        let name = as_name.map(str::to_owned).or_else(|| last(path));
        match path.is_dir() {
            true => walk(path, name.as_deref(), &mut found)?,
            false => found.push(Upload { path: path.clone(), name }),
        }
    }
    Ok(found)
}

/// The name of a file or folder, also of one that is called `.` or `..` here.
fn last(path: &Path) -> Option<String> {
    let real = if path.file_name().is_none() { fs::canonicalize(path).ok() } else { None };
    Some(real.as_deref().unwrap_or(path).file_name()?.to_str()?.to_owned())
}

/// All files below a folder, sorted by name.
fn walk(folder: &Path, name: Option<&str>, found: &mut Vec<Upload>) -> anyhow::Result<()> {
    let shown = || escape_controls(&folder.display().to_string());
    let unreadable = || format!("cannot read the folder \"{}\"", shown());
    let entries = fs::read_dir(folder).and_then(|entries| entries.collect::<Result<Vec<_>, _>>());
    let mut entries = entries.with_context(unreadable)?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        let last = entry.file_name().into_string().ok();
        let name = name.zip(last).map(|(folder, last)| format!("{folder}/{last}"));
        let is_link = entry.file_type().with_context(unreadable)?.is_symlink();
        match path.is_dir() {
            // It may lead to a folder in which this one is.
            true if is_link => {
                let path = escape_controls(&path.display().to_string());
                warn(format_args!("left out \"{path}\": it is a link to a folder"));
            }
            true => walk(&path, name.as_deref(), found)?,
            false => found.push(Upload { path, name }),
        }
    }
    Ok(())
}
