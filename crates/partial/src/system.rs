//! What differs from one operating system to the next.

use std::fs::File;
use std::io::{self, ErrorKind};

use cap_std::fs::{Dir, Metadata, OpenOptions};

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

/// Opens nothing that a link leads to, and waits for no other end of a pipe.
#[cfg(unix)]
pub(crate) fn exclusive(options: &mut OpenOptions) -> &OpenOptions {
    use cap_std::fs::OpenOptionsExt;
    use rustix::fs::OFlags;
    options.custom_flags((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed())
}

/// Windows can keep others from opening the file at all: FILE_SHARE_DELETE allows nothing but to
/// rename it.
#[cfg(windows)]
pub(crate) fn exclusive(options: &mut OpenOptions) -> &OpenOptions {
    use cap_std::fs::OpenOptionsExt;
    options.share_mode(4)
}

/// Whether an error of `open` says that the file is open elsewhere, and so cannot be opened here:
/// ERROR_SHARING_VIOLATION, which only Windows has.
pub(crate) fn is_in_use(error: &io::Error) -> bool {
    cfg!(windows) && error.raw_os_error() == Some(32)
}

/// Whether an error of `open` says that the name is that of a link to itself, or of a link where none
/// is followed (ELOOP), or of a socket (ENXIO): open(2).
#[cfg(unix)]
pub(crate) fn is_no_file(error: &io::Error) -> bool {
    use rustix::io::Errno;
    [Errno::LOOP, Errno::NXIO].iter().any(|e| error.raw_os_error() == Some(e.raw_os_error()))
}

#[cfg(not(unix))]
pub(crate) fn is_no_file(_: &io::Error) -> bool {
    false
}

/// Whether the name leads to this open file.
#[cfg(unix)]
pub(crate) fn leads_to(folder: &Dir, name: &str, file: &File) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    let (there, here) = (folder.symlink_metadata(name)?, file.metadata()?);
    use cap_std::fs::MetadataExt as _;
    Ok((there.dev(), there.ino()) == (MetadataExt::dev(&here), MetadataExt::ino(&here)))
}

/// Where a file is open for one program only, nobody else can have renamed it.
#[cfg(windows)]
pub(crate) fn leads_to(_: &Dir, _: &str, _: &File) -> io::Result<bool> {
    Ok(true)
}

/// Whether no other name leads to this file (a hard link, link(2)).
#[cfg(unix)]
pub(crate) fn has_one_name(file: &File) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    Ok(file.metadata()?.nlink() == 1)
}

#[cfg(windows)]
pub(crate) fn has_one_name(_: &File) -> io::Result<bool> {
    Ok(true)
}

/// Renames a file, unless the new name is taken: checked and done in one step (rename(2),
/// RENAME_NOREPLACE).
#[cfg(target_os = "linux")]
pub(crate) fn rename_to_free(folder: &Dir, from: &str, to: &str) -> io::Result<()> {
    use rustix::fs::{RenameFlags, renameat_with};
    use rustix::io::Errno;
    match renameat_with(folder, from, folder, to, RenameFlags::NOREPLACE) {
        // Not every file system can do it.
        Err(Errno::INVAL | Errno::NOSYS) => check_and_rename(folder, from, to),
        outcome => Ok(outcome?),
    }
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn rename_to_free(folder: &Dir, from: &str, to: &str) -> io::Result<()> {
    check_and_rename(folder, from, to)
}

/// The same in two steps. A file that gets the name between them is replaced.
fn check_and_rename(folder: &Dir, from: &str, to: &str) -> io::Result<()> {
    match folder.symlink_metadata(to) {
        Ok(_) => Err(ErrorKind::AlreadyExists.into()),
        Err(error) if error.kind() == ErrorKind::NotFound => folder.rename(from, folder, to),
        Err(error) => Err(error),
    }
}

/// Puts the names in a folder on the disk: fsync(2) of a file alone does not.
#[cfg(unix)]
pub(crate) fn sync(folder: &Dir) -> io::Result<()> {
    // The folder's own descriptor may be O_PATH, which cannot be synced.
    match folder.open(".")?.sync_all() {
        // Not every file system can do it.
        Err(error) if error.kind() == ErrorKind::InvalidInput => Ok(()),
        outcome => outcome,
    }
}

/// Windows offers no way to do it.
#[cfg(not(unix))]
pub(crate) fn sync(_: &Dir) -> io::Result<()> {
    Ok(())
}

/// Whether this open folder has no name any more (`st_nlink`, stat(2)).
#[cfg(unix)]
pub(crate) fn is_removed(folder: &Metadata) -> bool {
    use cap_std::fs::MetadataExt;
    folder.nlink() == 0
}

/// Windows removes no folder that is open.
#[cfg(not(unix))]
pub(crate) fn is_removed(_: &Metadata) -> bool {
    false
}
