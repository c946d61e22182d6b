//! The folders that were made for a file, which nobody wants if it comes to nothing.

use std::io;
use std::path::{Path, PathBuf};

use cap_std::fs::Dir;

/// Folders that were made. Dropped, it removes those in which there is nothing.
#[derive(Debug, Default)]
pub(crate) struct Made {
    root: Option<Dir>,
    /// The outermost first.
    folders: Vec<PathBuf>,
}

impl Made {
    /// Remembers a folder of `root` that was made.
    pub(crate) fn add(&mut self, root: &Dir, folder: &Path) -> io::Result<()> {
        if self.root.is_none() {
            self.root = Some(root.try_clone()?);
        }
        self.folders.push(folder.to_owned());
        Ok(())
    }

    /// Something is kept in them.
    pub(crate) fn keep(&mut self) {
        self.folders.clear();
    }
}

impl Drop for Made {
    fn drop(&mut self) {
        let Some(root) = &self.root else { return };
        for folder in self.folders.iter().rev() {
            // One that holds a file of somebody else's stays, and so do those above it.
            if root.remove_dir(folder).is_err() {
                return;
            }
        }
    }
}
