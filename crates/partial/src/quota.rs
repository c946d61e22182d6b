//! How much others may leave in a folder.

use std::time::{Duration, Instant};

use crate::{Error, Folder};

/// How old a count of what the folder holds may be when a file is refused by it.
const COUNT_INTERVAL: Duration = Duration::from_secs(1);

/// How much a folder may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// The most files.
    pub max_files: u64,
    /// The most bytes of all its files.
    pub max_total: u64,
}

/// How much there is: in a folder, or of what is on its way there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    /// How many files.
    pub files: u64,
    /// How many bytes in all.
    pub bytes: u64,
}

/// Why there is no room for a file.
#[derive(Debug, thiserror::Error)]
pub enum QuotaError {
    /// There are as many files as there may be.
    #[error("the folder is full: it may hold {0} files")]
    Files(u64),
    /// The file is larger than the rest of what may be there.
    #[error("the folder may hold {max_total} bytes, and has room for {left}, not for {size}")]
    Bytes {
        /// The most bytes of all files.
        max_total: u64,
        /// How many more there may be.
        left: u64,
        /// How many the file has.
        size: u64,
    },
    /// It is not known what the folder holds.
    #[error("the folder cannot be counted: {0}")]
    Count(Error),
}

/// A folder's quota, and what the folder holds as far as its owner knows: what was there, and what has come
/// since.
#[derive(Debug)]
pub struct Tally {
    quota: Quota,
    held: Usage,
    counted_at: Instant,
}

impl Tally {
    /// Counts what the folder holds.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn new(now: Instant, folder: &Folder, quota: Quota) -> Result<Tally, Error> {
        Ok(Tally { quota, held: count(folder, quota)?, counted_at: now })
    }

    /// Counts a file that the folder holds from now on.
    pub fn add(&mut self, size: u64) {
        self.held.files += 1;
        self.held.bytes = self.held.bytes.saturating_add(size);
    }

    /// Sees whether there is room for another file of this size, besides those that are on their way. Before
    /// it says that there is none, the folder is counted anew, but at most once a second: perhaps somebody
    /// has made room.
    ///
    /// # Errors
    /// Which limit is reached.
    pub fn check(
        &mut self,
        now: Instant,
        folder: &Folder,
        on_their_way: Usage,
        size: u64,
    ) -> Result<(), QuotaError> {
        let checked = self.has_room(on_their_way, size);
        if checked.is_ok() || now.duration_since(self.counted_at) < COUNT_INTERVAL {
            return checked;
        }
        *self = Tally::new(now, folder, self.quota).map_err(QuotaError::Count)?;
        self.has_room(on_their_way, size)
    }

    fn has_room(&self, on_their_way: Usage, size: u64) -> Result<(), QuotaError> {
        let Quota { max_files, max_total } = self.quota;
        let files = self.held.files.saturating_add(on_their_way.files);
        let bytes = self.held.bytes.saturating_add(on_their_way.bytes);
        let left = max_total.saturating_sub(bytes);
        if files >= max_files {
            Err(QuotaError::Files(max_files))
        } else if size > left {
            Err(QuotaError::Bytes { max_total, left, size })
        } else {
            Ok(())
        }
    }
}

/// What the folder holds: each name counts as a file, and only of files the bytes are counted. As soon as
/// there are more names than may be, it looks no further.
fn count(folder: &Folder, quota: Quota) -> Result<Usage, Error> {
    let mut usage = Usage::default();
    for entry in folder.dir().entries()? {
        if usage.files > quota.max_files {
            break;
        }
        usage.files += 1;
        // A file may have gone since its name was read.
        let file = entry?.metadata().ok().filter(|metadata| metadata.is_file());
        usage.bytes = usage.bytes.saturating_add(file.map_or(0, |metadata| metadata.len()));
    }
    Ok(usage)
}
