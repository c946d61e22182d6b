//! An incomplete file: `.NAME.part`, in the folder in which it is to appear.
//!
//! The `.part` is locked (flock(2) on Unix), so that two writers of one name cannot meet. A lock
//! belongs to the file and not to its name, and a file can lose its name between our opening and our
//! locking it: the other writer may just have published it. So after locking, the name must still
//! lead to the file.

use std::fs::{File, TryLockError};
use std::io::{self, ErrorKind, Seek, SeekFrom, Write};

use cap_std::fs::{Dir, OpenOptions};
use wire::Md5;

use crate::made::Made;
use crate::system::{exclusive, has_one_name, is_in_use, largest_file, leads_to};
use crate::system::{rename_to_free, sync};
use crate::time::from_seconds;
use crate::{Error, Name};

/// How many times the `.part` is opened anew because another writer has renamed or removed it between
/// our opening and our locking it.
const MAX_TRIES: usize = 100;

/// An incomplete file, which nobody else can write to, or see under its name.
#[derive(Debug)]
pub struct Partial {
    parent: Dir,
    /// The name that the file has while it is incomplete, and the one that it is to have.
    part: String,
    name: String,
    file: File,
    length: u64,
    /// The MD5 of the bytes that are there, if it is known.
    md5: Option<Md5>,
    /// The largest size that this process may give a file, in bytes.
    max_length: u64,
    on_drop: OnDrop,
    /// The folders that were made for it. They are dropped after the `.part` is removed.
    made: Made,
}

/// What becomes of the `.part` when the [`Partial`] is dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum OnDrop {
    /// The `.part` stays, for a later resume.
    Keep,
    Remove,
    /// There is no `.part` any more: the file has its name.
    Nothing,
}

impl Partial {
    pub(crate) fn open(
        parent: Dir,
        name: &Name,
        resume: bool,
        made: Made,
    ) -> Result<Partial, Error> {
        let part = name.part();
        for _ in 0..MAX_TRIES {
            let Some(file) = try_open(&parent, &part, resume)? else { continue };
            let length = file.metadata()?.len();
            let (name, max_length) = (name.last().to_owned(), largest_file());
            let (md5, on_drop) = (None, OnDrop::Keep);
            return Ok(Partial {
                parent,
                part,
                name,
                file,
                length,
                md5,
                max_length,
                on_drop,
                made,
            });
        }
        Err(Error::Busy)
    }

    /// How many bytes the file has, those of an earlier [`Partial`] included.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// The bytes that are there, by their number and their MD5, if a file of `max` bytes can begin with
    /// them: `None` if there are none or too many. They are read for it, as long as `should_continue` says so.
    ///
    /// # Errors
    /// When they cannot be read, or `should_continue` returned false.
    pub fn prefix(
        &mut self,
        max: u64,
        should_continue: &dyn Fn() -> bool,
    ) -> io::Result<Option<(u64, String)>> {
        if self.length == 0 || self.length > max {
            return Ok(None);
        }
        let md5 = self.hash(should_continue)?;
        self.md5 = Some(md5.clone());
        Ok(Some((self.length, md5.finish())))
    }

    /// Has the next bytes written at this offset: behind those that are there, or at 0; then those
    /// that are there are thrown away. Returns the MD5 of the bytes before it, to go on with.
    ///
    /// # Errors
    /// `InvalidInput` for any other offset; when the file cannot be read, or not be made shorter.
    pub fn start_at(&mut self, from: u64) -> io::Result<Md5> {
        if from != 0 && from != self.length {
            return Err(ErrorKind::InvalidInput.into());
        }
        let md5 = match self.md5.take() {
            _ if from == 0 => Md5::new(),
            Some(md5) => md5,
            None => self.hash(&|| true)?,
        };
        self.file.set_len(from)?;
        self.length = from;
        self.file.seek(SeekFrom::Start(from))?;
        Ok(md5)
    }

    /// Gives the file its name, once its bytes are on the disk. `modified` is the time at which it was
    /// last modified, in seconds since 1970; it is kept if the file system can hold it. If this fails,
    /// the `.part` is removed.
    ///
    /// # Errors
    /// [`Error::Exists`] when the name is taken, and `replace` is false; [`Error::NotAFile`] when the
    /// name is a folder's; [`Error::Lost`], [`Error::Full`], [`Error::Io`].
    pub fn publish(mut self, replace: bool, modified: Option<i64>) -> Result<(), Error> {
        // If anything below fails, the bytes are of no use to a later resume.
        self.on_drop = OnDrop::Remove;
        if let Some(modified) = modified.and_then(from_seconds) {
            // A file is published even if the file system cannot keep its time.
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
        self.on_drop = OnDrop::Nothing;
        Ok(sync(&self.parent)?)
    }

    /// Gives the file another name than the one that it was begun for, which must be free.
    #[cfg(any(not(target_os = "linux"), test))]
    pub(crate) fn publish_as(mut self, name: &Name) -> Result<(), Error> {
        name.last().clone_into(&mut self.name);
        self.publish(false, None)
    }

    /// Removes the `.part` when this is dropped, unless it has got its name.
    #[cfg(any(not(target_os = "linux"), test))]
    pub(crate) fn remove_on_drop(&mut self) {
        self.on_drop = OnDrop::Remove;
    }

    /// Removes the `.part`.
    pub fn discard(mut self) {
        self.on_drop = OnDrop::Remove;
    }

    fn hash(&mut self, should_continue: &dyn Fn() -> bool) -> io::Result<Md5> {
        self.file.rewind()?;
        wire::md5_of(&mut self.file, self.length, should_continue)
    }

    /// Whether the `.part` is this file still. Programs like this one leave each other's alone, but
    /// a person may have removed it, and then another writer may have begun.
    fn has_its_part(&self) -> bool {
        leads_to(&self.parent, &self.part, &self.file).unwrap_or(false)
    }
}

/// While the file is locked here, no other program like this one gives its `.part` to another file.
impl Drop for Partial {
    fn drop(&mut self) {
        let is_empty = self.on_drop == OnDrop::Keep && self.length == 0;
        if (is_empty || self.on_drop == OnDrop::Remove) && self.has_its_part() {
            // A `.part` that cannot be removed is removed by the next put that does not resume.
            _ = self.parent.remove_file(&self.part);
        } else {
            self.made.keep();
        }
    }
}

/// Writes behind what is there.
///
/// # Errors
/// `StorageFull`, `QuotaExceeded` or `FileTooLarge` when there is no room: an [`Error::Full`].
impl Write for Partial {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // A write beyond RLIMIT_FSIZE (`ulimit -f`) raises SIGXFSZ, which ends a process that does
        // not expect it (setrlimit(2)). So no such write is made.
        if self.length.saturating_add(bytes.len() as u64) > self.max_length {
            return Err(ErrorKind::FileTooLarge.into());
        }
        self.md5 = None;
        let written = self.file.write(bytes)?;
        self.length = self.length.saturating_add(written as u64);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Opens or makes the `.part` and locks it; `None` when another writer renamed or removed it meanwhile.
fn try_open(parent: &Dir, part: &str, resume: bool) -> Result<Option<File>, Error> {
    let file = match parent.open_with(part, exclusive(OpenOptions::new().read(true).write(true))) {
        Ok(file) => file.into_std(),
        Err(error) if error.kind() == ErrorKind::NotFound => return create(parent, part),
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
    // A new file is made, and the old one is not emptied: it may have a second name, and belong to
    // somebody.
    parent.remove_file(part)?;
    drop(file);
    create(parent, part)
}

fn create(parent: &Dir, part: &str) -> Result<Option<File>, Error> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true);
    let file = match parent.open_with(part, exclusive(&mut options)) {
        Ok(file) => file.into_std(),
        // Another writer was faster.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    Ok(lock(&file, parent, part)?.then_some(file))
}

/// Locks the file; false if its name no longer leads to it.
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
