//! A file under way: `.NAME.part`, in the folder in which it is to appear.
//!
//! It is locked (flock(2) on Unix), so that two writers of one name cannot meet. A lock belongs to
//! the file and not to its name, and a file can lose its name between our opening and our locking
//! it: the other writer may just have published it. So after locking, the name must still lead to
//! the file.

use std::fs::{File, TryLockError};
use std::io::{self, ErrorKind, Seek, SeekFrom, Write};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use cap_std::fs::{Dir, OpenOptions};
use wire::Md5;

use crate::folder::{sync, without_waiting};
use crate::{Error, Name};

/// How often to try to get hold of the name while others give it up at the same moment.
const TRIES: usize = 100;

/// A file under way, which nobody else can write to, or see under its name.
#[derive(Debug)]
pub struct Partial {
    parent: Dir,
    /// Its name now, and the one that it is to have.
    part: String,
    name: String,
    file: File,
    length: u64,
    /// The largest size that this process may give a file, in bytes.
    most: u64,
    fate: Fate,
}

/// What becomes of the `.part` when it is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// It stays, for a later resume.
    Kept,
    /// It is removed.
    Removed,
    /// It has its name.
    Published,
}

impl Partial {
    pub(crate) fn open(parent: Dir, name: &Name, resume: bool) -> Result<Partial, Error> {
        let part = name.part();
        for _ in 0..TRIES {
            let Some(file) = try_open(&parent, &part, resume)? else { continue };
            let length = file.metadata()?.len();
            let (name, most) = (name.last().to_owned(), largest_file());
            return Ok(Partial { parent, part, name, file, length, most, fate: Fate::Kept });
        }
        Err(Error::Busy)
    }

    /// How many bytes are there, those of an earlier one included.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// The MD5 of what is there, to go on with. It is read once, whole, as long as `goes_on` says so.
    ///
    /// # Errors
    /// When it cannot be read, or is not to go on.
    pub fn md5(&mut self, goes_on: &dyn Fn() -> bool) -> io::Result<Md5> {
        self.file.rewind()?;
        wire::md5_of(&mut self.file, self.length, goes_on)
    }

    /// Where the next bytes go: behind those that are there, or to the beginning; then what is
    /// there is thrown away.
    ///
    /// # Errors
    /// `InvalidInput` for any other place; when it cannot be made shorter.
    pub fn start_at(&mut self, from: u64) -> io::Result<()> {
        if from != 0 && from != self.length {
            return Err(ErrorKind::InvalidInput.into());
        }
        self.file.set_len(from)?;
        self.length = from;
        self.file.seek(SeekFrom::Start(from)).map(drop)
    }

    /// Writes all of `bytes` behind what is there.
    ///
    /// # Errors
    /// `StorageFull`, `QuotaExceeded` or `FileTooLarge` when there is no room: an [`Error::Full`].
    pub fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        let length = self.length.saturating_add(bytes.len() as u64);
        // A write beyond RLIMIT_FSIZE (`ulimit -f`) raises SIGXFSZ, which ends a process that does
        // not expect it (setrlimit(2)). So there is none.
        if length > self.most {
            return Err(ErrorKind::FileTooLarge.into());
        }
        self.file.write_all(bytes)?;
        self.length = length;
        Ok(())
    }

    /// Gives the file its name, once it is on the disk; with the time at which it was changed last,
    /// in seconds since 1970, if the file system can hold it. What it had come to stays nowhere if
    /// that fails.
    ///
    /// # Errors
    /// [`Error::Exists`] when the name is taken, and not to be replaced; [`Error::NotAFile`] when
    /// it is a folder's; [`Error::Lost`], [`Error::Full`], [`Error::Io`].
    pub fn publish(mut self, replace: bool, modified: Option<i64>) -> Result<(), Error> {
        // Unless it comes to the end.
        self.fate = Fate::Removed;
        if let Some(modified) = modified.and_then(time) {
            // A time of its own is not worth a file.
            _ = self.file.set_modified(modified);
        }
        self.file.sync_all()?;
        if !self.has_its_part() {
            return Err(Error::Lost);
        }
        match replace {
            true => self.parent.rename(&self.part, &self.parent, &self.name)?,
            false => rename_to_free(&self.parent, &self.part, &self.name)?,
        }
        self.fate = Fate::Published;
        Ok(sync(&self.parent)?)
    }

    /// Removes what has come so far.
    pub fn discard(mut self) {
        self.fate = Fate::Removed;
    }

    /// Whether the `.part` is this file still. Programs like this one leave each other's alone, but
    /// a person may have removed it, and then another writer may have begun.
    fn has_its_part(&self) -> bool {
        leads_to(&self.parent, &self.part, &self.file).unwrap_or(false)
    }
}

/// The file is still locked here, so what the name leads to is ours or not at all.
impl Drop for Partial {
    fn drop(&mut self) {
        let empty = self.fate == Fate::Kept && self.length == 0;
        if (empty || self.fate == Fate::Removed) && self.has_its_part() {
            // If it stays, the next one that does not resume removes it.
            _ = self.parent.remove_file(&self.part);
        }
    }
}

/// Opens or makes the `.part` and locks it; `None` when somebody was in the way who has gone by
/// now.
fn try_open(parent: &Dir, part: &str, resume: bool) -> Result<Option<File>, Error> {
    let file = match parent.open_with(part, exclusive(OpenOptions::new().read(true).write(true))) {
        Ok(file) => file.into_std(),
        Err(error) if error.kind() == ErrorKind::NotFound => return make(parent, part),
        Err(error) if is_in_use(&error) => return Err(Error::Busy),
        Err(error) => return Err(error.into()),
    };
    if !file.metadata()?.is_file() {
        return Err(Error::NotAFile);
    }
    if !lock(&file, parent, part)? {
        return Ok(None);
    }
    if resume && has_one_name(&file)? {
        return Ok(Some(file));
    }
    // A new file and not the old one made empty: that may have another name, and belong to
    // somebody.
    parent.remove_file(part)?;
    drop(file);
    make(parent, part)
}

fn make(parent: &Dir, part: &str) -> Result<Option<File>, Error> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true);
    let file = match parent.open_with(part, exclusive(&mut options)) {
        Ok(file) => file.into_std(),
        // Somebody was faster.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    Ok(lock(&file, parent, part)?.then_some(file))
}

/// Locks the file; false if its name leads elsewhere by now.
fn lock(file: &File, parent: &Dir, part: &str) -> Result<bool, Error> {
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(Error::Busy),
        Err(TryLockError::Error(error)) => return Err(error.into()),
    }
    match leads_to(parent, part, file) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        outcome => Ok(outcome?),
    }
}

/// Nobody's link is followed, and nobody's pipe is waited for.
#[cfg(unix)]
fn exclusive(options: &mut OpenOptions) -> &OpenOptions {
    use cap_std::fs::OpenOptionsExt;
    use rustix::fs::OFlags;
    without_waiting(options);
    options.custom_flags((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed())
}

/// Windows can keep others from opening it at all: FILE_SHARE_DELETE allows nothing but to rename
/// it.
#[cfg(windows)]
fn exclusive(options: &mut OpenOptions) -> &OpenOptions {
    use cap_std::fs::OpenOptionsExt;
    without_waiting(options);
    options.share_mode(4)
}

/// Whether it is open elsewhere, where that is an obstacle: ERROR_SHARING_VIOLATION.
fn is_in_use(error: &io::Error) -> bool {
    cfg!(windows) && error.raw_os_error() == Some(32)
}

#[cfg(unix)]
fn leads_to(parent: &Dir, part: &str, file: &File) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    let (there, here) = (parent.symlink_metadata(part)?, file.metadata()?);
    use cap_std::fs::MetadataExt as _;
    Ok((there.dev(), there.ino()) == (MetadataExt::dev(&here), MetadataExt::ino(&here)))
}

/// Where it is open for one program only, nobody else can have published it.
#[cfg(windows)]
fn leads_to(_: &Dir, _: &str, _: &File) -> io::Result<bool> {
    Ok(true)
}

#[cfg(unix)]
fn has_one_name(file: &File) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    Ok(file.metadata()?.nlink() == 1)
}

#[cfg(windows)]
fn has_one_name(_: &File) -> io::Result<bool> {
    Ok(true)
}

/// Renames, unless the new name is taken: looked at and done in one step (rename(2),
/// RENAME_NOREPLACE).
#[cfg(target_os = "linux")]
fn rename_to_free(folder: &Dir, from: &str, to: &str) -> io::Result<()> {
    use rustix::fs::{RenameFlags, renameat_with};
    use rustix::io::Errno;
    match renameat_with(folder, from, folder, to, RenameFlags::NOREPLACE) {
        // Not every file system can do it.
        Err(Errno::INVAL | Errno::NOSYS) => look_and_rename(folder, from, to),
        outcome => Ok(outcome?),
    }
}

#[cfg(not(target_os = "linux"))]
fn rename_to_free(folder: &Dir, from: &str, to: &str) -> io::Result<()> {
    look_and_rename(folder, from, to)
}

/// The same in two steps, where it can happen that a file is replaced that came in between.
fn look_and_rename(folder: &Dir, from: &str, to: &str) -> io::Result<()> {
    match folder.symlink_metadata(to) {
        Ok(_) => Err(ErrorKind::AlreadyExists.into()),
        Err(error) if error.kind() == ErrorKind::NotFound => folder.rename(from, folder, to),
        Err(error) => Err(error),
    }
}

/// The largest size that this process may give a file, in bytes (RLIMIT_FSIZE, setrlimit(2)). A write
/// beyond it ends the whole program (SIGXFSZ, signal(7)).
#[cfg(unix)]
pub fn largest_file() -> u64 {
    use rustix::process::{Resource, getrlimit};
    getrlimit(Resource::Fsize).current.unwrap_or(u64::MAX)
}

/// The largest size that this process may give a file, in bytes: this system knows no such limit.
#[cfg(not(unix))]
pub fn largest_file() -> u64 {
    u64::MAX
}

fn time(seconds: i64) -> Option<SystemTime> {
    let distance = Duration::from_secs(seconds.unsigned_abs());
    match seconds {
        0.. => UNIX_EPOCH.checked_add(distance),
        _ => UNIX_EPOCH.checked_sub(distance),
    }
}
