//! A folder, and what may be done in it.

use std::fs::File;
use std::io;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use cap_std::ambient_authority;
use cap_std::fs::{Dir, Metadata, OpenOptions};

use crate::{Error, Name, Partial};

/// How many names [`Folder::list`] gives at most.
pub const LISTED: usize = 100_000;

/// A folder that no name leads out of.
#[derive(Debug)]
pub struct Folder(Dir);

/// One name in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The name, without the folder's.
    pub name: String,
    /// Whether it is a folder itself.
    pub folder: bool,
    /// How long the file is, in bytes; 0 for a folder.
    pub length: u64,
    /// When it was changed last, in seconds since 1970.
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

    /// Whether the name is taken, be it by a folder, or by a link that leads nowhere.
    pub fn holds(&self, name: &Name) -> bool {
        self.0.symlink_metadata(name.path()).is_ok()
    }

    /// Opens a file to read it; with its length in bytes, and when it was changed last, in seconds
    /// since 1970. A symbolic link is followed as long as it stays in the folder.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Outside`]; [`Error::NotAFile`] for what is not a regular file:
    /// a pipe or a device would never end.
    pub fn read(&self, name: &Name) -> Result<(File, u64, Option<i64>), Error> {
        let file = self.0.open_with(name.path(), without_waiting(OpenOptions::new().read(true)))?;
        // Of the file that is open now: between a look at the name and the opening it could be
        // exchanged.
        let metadata = file.metadata()?;
        match metadata.is_file() {
            true => Ok((file.into_std(), metadata.len(), modified(&metadata))),
            false => Err(Error::NotAFile),
        }
    }

    /// The files and folders in this folder, or in one within, sorted by name: those that can be
    /// asked for. What is incomplete, begins with a dot, or leads out of the folder is not among
    /// them.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::NotAFile`] for a file, [`Error::Outside`]; [`Error::TooMany`].
    pub fn list(&self, folder: Option<&Name>) -> Result<Vec<Listed>, Error> {
        let entries = match folder {
            None => self.0.entries()?,
            Some(folder) => self.0.read_dir(folder.path())?,
        };
        let mut listed = Vec::new();
        for (seen, entry) in entries.enumerate() {
            if seen >= LISTED {
                return Err(Error::TooMany);
            }
            let Ok(last) = entry?.file_name().into_string() else { continue };
            let name = match folder {
                None => last.parse(),
                Some(folder) => folder.join(&last),
            };
            let Ok(name) = name else { continue };
            // It may have gone meanwhile, or be a link that leads nowhere.
            let Ok(metadata) = self.0.metadata(name.path()) else { continue };
            if metadata.is_file() || metadata.is_dir() {
                listed.push(Listed::new(last, &metadata));
            }
        }
        listed.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(listed)
    }

    /// Begins a file, in `.NAME.part` beside its place. Folders that are missing on the way are
    /// made. With `resume`, what an earlier one has left is there still; else it is removed.
    ///
    /// # Errors
    /// [`Error::Busy`] while another [`Partial`] of that name is open, in this program or another;
    /// [`Error::NotAFile`] where a folder has the name, or something that is no file has the
    /// partial's;
    /// [`Error::Outside`], [`Error::Denied`], [`Error::Full`].
    pub fn receive(&self, name: &Name, resume: bool) -> Result<Partial, Error> {
        let parent = match name.folders() {
            None => self.0.try_clone()?,
            Some(folders) => {
                self.make(Path::new(folders))?;
                self.0.open_dir(folders)?
            }
        };
        if parent.symlink_metadata(name.last()).is_ok_and(|there| there.is_dir()) {
            return Err(Error::NotAFile);
        }
        Partial::open(parent, name, resume)
    }

    /// Makes the folders that are missing. Each is on the disk, in the one above it, before the
    /// next is made: a file that is synced in a folder that is not would be lost all the same.
    fn make(&self, folders: &Path) -> Result<(), Error> {
        for folder in folders.ancestors().collect::<Vec<_>>().into_iter().rev().skip(1) {
            match self.0.create_dir(folder) {
                Ok(()) => sync(&match folder.parent() {
                    Some(above) if above != Path::new("") => self.0.open_dir(above)?,
                    _ => self.0.try_clone()?,
                })?,
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}

impl Listed {
    fn new(name: String, metadata: &Metadata) -> Listed {
        let folder = metadata.is_dir();
        let length = if folder { 0 } else { metadata.len() };
        Listed { name, folder, length, modified: modified(metadata) }
    }
}

/// To open a named pipe can wait for its other end for ever, and to open a device can do anything.
/// With O_NONBLOCK it does not wait, and for a regular file that changes nothing (open(2)).
#[cfg(unix)]
pub(crate) fn without_waiting(options: &mut OpenOptions) -> &OpenOptions {
    use cap_std::fs::OpenOptionsExt;
    options.custom_flags(rustix::fs::OFlags::NONBLOCK.bits().cast_signed())
}

#[cfg(not(unix))]
pub(crate) fn without_waiting(options: &mut OpenOptions) -> &OpenOptions {
    options
}

/// Puts a folder's names on the disk: fsync(2) of a file alone does not.
#[cfg(unix)]
pub(crate) fn sync(folder: &Dir) -> io::Result<()> {
    // The folder's own descriptor may be O_PATH, which cannot be synced.
    match folder.open(".")?.sync_all() {
        // Not every file system can do it.
        Err(error) if error.kind() == io::ErrorKind::InvalidInput => Ok(()),
        outcome => outcome,
    }
}

/// Windows offers no way to do it.
#[cfg(not(unix))]
pub(crate) fn sync(_: &Dir) -> io::Result<()> {
    Ok(())
}

fn modified(metadata: &Metadata) -> Option<i64> {
    seconds(metadata.modified().ok()?.into_std())
}

/// Whole seconds since 1970, rounded down, also before it.
pub fn seconds(time: SystemTime) -> Option<i64> {
    match time.duration_since(UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_secs()).ok(),
        Err(before) => {
            let before = before.duration();
            let whole = i64::try_from(before.as_secs()).ok()?;
            Some(-whole - i64::from(before.subsec_nanos() > 0))
        }
    }
}
