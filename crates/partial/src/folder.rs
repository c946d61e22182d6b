//! A folder, and what may be done in it.

use std::io;
use std::path::Path;

use cap_std::ambient_authority;
use cap_std::fs::{Dir, Metadata, OpenOptions};

use crate::made::Made;
use crate::system::{is_removed, sync, without_waiting};
use crate::time::to_seconds;
use crate::{Error, Name, Partial, Source};

/// The most names that [`Folder::list`] gives.
pub const MAX_LISTED: usize = 100_000;

/// How many times a file is begun anew because another writer has removed the folders that lead to it.
const MAX_TRIES: usize = 100;

/// A folder that no name leads out of.
#[derive(Debug)]
pub struct Folder(Dir);

/// An entry of a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The name, without the folder's.
    pub name: String,
    /// Whether it is a folder itself.
    pub is_folder: bool,
    /// The length of the file in bytes; 0 for a folder.
    pub length: u64,
    /// When it was last modified, in seconds since 1970.
    pub modified: Option<i64>,
}

impl Folder {
    /// Opens a folder that is there.
    ///
    /// # Errors
    /// When it is not, or may not be opened.
    pub fn open(path: &Path) -> io::Result<Folder> {
        Dir::open_ambient_dir(path, ambient_authority()).map(Folder)
    }

    /// Opens a folder, and makes it and those above it if they are missing.
    ///
    /// # Errors
    /// When it cannot be made or opened.
    pub fn open_or_make(path: &Path) -> io::Result<Folder> {
        Dir::create_ambient_dir_all(path, ambient_authority())?;
        Folder::open(path)
    }

    pub(crate) fn dir(&self) -> &Dir {
        &self.0
    }

    /// Whether the name is taken, be it by a folder, or by a link that leads nowhere.
    pub fn holds(&self, name: &Name) -> bool {
        self.0.symlink_metadata(name.path()).is_ok()
    }

    /// Opens a file to read it. A symbolic link is followed as long as it stays in the folder.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Removed`], [`Error::Outside`]; [`Error::NotAFile`] for what is not a
    /// regular file: a pipe or a device would never end.
    pub fn read(&self, name: &Name) -> Result<Source, Error> {
        let file = self.0.open_with(name.path(), without_waiting(OpenOptions::new().read(true)));
        let file = file.map_err(|error| match self.0.metadata(name.path()) {
            // Windows does not open a folder as if it were a file.
            Ok(there) if there.is_dir() => Error::NotAFile,
            _ => self.explain(error.into()),
        })?;
        Source::new(file.into_std())
    }

    /// The files and folders in this folder, or in one within, sorted by name: those that can be
    /// asked for. What is incomplete, or leads out of the folder, is not among them.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::NotAFile`] for a file, [`Error::Outside`], [`Error::Removed`];
    /// [`Error::TooManyNames`] for more than [`MAX_LISTED`].
    pub fn list(&self, folder: Option<&Name>) -> Result<Vec<Listed>, Error> {
        let entries = match folder {
            None => self.0.entries(),
            Some(folder) => self.0.read_dir(folder.path()),
        };
        let entries = entries.map_err(|error| self.explain(error.into()))?;
        if !self.exists() {
            return Err(Error::Removed);
        }
        let mut listed = Vec::new();
        for (seen, entry) in entries.enumerate() {
            if seen >= MAX_LISTED {
                return Err(Error::TooManyNames(MAX_LISTED));
            }
            let Ok(last) = entry?.file_name().into_string() else { continue };
            let name = match folder {
                None => last.parse(),
                Some(folder) => folder.join(&last),
            };
            let Ok(name) = name else { continue };
            // The file may have gone meanwhile, or the name be that of a link that leads nowhere.
            let Ok(metadata) = self.0.metadata(name.path()) else { continue };
            if metadata.is_file() || metadata.is_dir() {
                listed.push(Listed::new(last, &metadata));
            }
        }
        listed.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(listed)
    }

    /// Begins a file, in `.NAME.part` beside its place. Folders that are missing on the way are
    /// made, and removed with the file if that comes to nothing. With `resume`, what an earlier one has
    /// left is there still; else it is removed.
    ///
    /// # Errors
    /// [`Error::Busy`] while another [`Partial`] of that name is open, in this program or another;
    /// [`Error::NotAFile`] where a folder has the name, or something that is no file has the
    /// partial's;
    /// [`Error::Outside`], [`Error::Denied`], [`Error::ReadOnly`], [`Error::Full`], [`Error::Removed`].
    pub fn receive(&self, name: &Name, resume: bool) -> Result<Partial, Error> {
        let mut outcome = self.begin(name, resume);
        for _ in 0..MAX_TRIES {
            // Somebody whose file came to nothing may have removed the folders that were made for it.
            if !(matches!(outcome, Err(Error::NotFound)) && self.exists()) {
                break;
            }
            outcome = self.begin(name, resume);
        }
        outcome.map_err(|error| self.explain(error))
    }

    fn begin(&self, name: &Name, resume: bool) -> Result<Partial, Error> {
        let Some(folders) = name.folders() else {
            return begin_in(self.0.try_clone()?, name, resume, Made::default());
        };
        let mut made = Made::default();
        self.make(Path::new(folders), &mut made)?;
        begin_in(self.0.open_dir(folders)?, name, resume, made)
    }

    /// Makes the folders that are missing. Each is on the disk, in the one above it, before the
    /// next is made: a file that is synced in a folder that is not would be lost all the same.
    fn make(&self, folders: &Path, made: &mut Made) -> Result<(), Error> {
        for folder in folders.ancestors().collect::<Vec<_>>().into_iter().rev().skip(1) {
            match self.0.create_dir(folder) {
                Ok(()) => {
                    made.add(&self.0, folder)?;
                    sync(&match folder.parent() {
                        Some(above) if above != Path::new("") => self.0.open_dir(above)?,
                        _ => self.0.try_clone()?,
                    })?;
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Whether the folder itself is still there, and not only open.
    fn exists(&self) -> bool {
        !self.0.dir_metadata().is_ok_and(|metadata| is_removed(&metadata))
    }

    /// That there is nothing of a name has another reason when the whole folder is gone.
    fn explain(&self, error: Error) -> Error {
        match error {
            Error::NotFound if !self.exists() => Error::Removed,
            error => error,
        }
    }
}

fn begin_in(parent: Dir, name: &Name, resume: bool, made: Made) -> Result<Partial, Error> {
    if parent.symlink_metadata(name.last()).is_ok_and(|there| there.is_dir()) {
        return Err(Error::NotAFile);
    }
    Partial::open(parent, name, resume, made)
}

impl Listed {
    fn new(name: String, metadata: &Metadata) -> Listed {
        let is_folder = metadata.is_dir();
        let length = if is_folder { 0 } else { metadata.len() };
        let modified = metadata.modified().ok().and_then(|time| to_seconds(time.into_std()));
        Listed { name, is_folder, length, modified }
    }
}
