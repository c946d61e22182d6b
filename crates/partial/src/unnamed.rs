//! A file that has no name until it is whole.

use std::fmt;
use std::io::{self, ErrorKind, Write};

use cap_std::fs::Dir;
use cap_tempfile::TempFile;

use crate::{Error, Folder, Name, NameError};

/// A file without a name (on Linux: O_TMPFILE, open(2)): whatever ends this program leaves nothing of it
/// behind, so nothing can be resumed either. Dropped, it is gone. On a system that has no such files it has
/// a random name until then.
pub struct Unnamed<'a> {
    folder: &'a Dir,
    file: TempFile<'a>,
}

impl Folder {
    /// Begins a file that gets its name at its end, by [`Unnamed::publish`].
    ///
    /// # Errors
    /// Those of open(2).
    pub fn receive_unnamed(&self) -> io::Result<Unnamed<'_>> {
        let folder = self.dir();
        Ok(Unnamed { folder, file: TempFile::new(folder)? })
    }
}

impl Unnamed<'_> {
    /// Gives the file its name, once its bytes are on the disk: after a power cut there is a whole file
    /// under that name, or none.
    ///
    /// # Errors
    /// [`Error::Exists`] when the name is taken, also if it is so at the last moment only;
    /// [`NameError::Folder`] for one in a folder within; [`Error::Full`], [`Error::Io`]. Then the file is
    /// gone.
    pub fn publish(self, name: &Name) -> Result<(), Error> {
        if name.folders().is_some() {
            return Err(NameError::Folder.into());
        }
        self.file.as_file().sync_all()?;
        Ok(link_to_free(self.file, self.folder, name.last())?)
    }
}

impl fmt::Debug for Unnamed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unnamed").finish_non_exhaustive()
    }
}

impl Write for Unnamed<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Gives the file a name, unless that is taken: checked and done in one step (linkat(2)). There is no other
/// name in between, which a kill could leave behind.
#[cfg(target_os = "linux")]
fn link_to_free(file: TempFile<'_>, folder: &Dir, name: &str) -> io::Result<()> {
    use std::os::fd::AsRawFd;

    use rustix::fs::{AtFlags, CWD, linkat};
    use rustix::io::Errno;
    // To link a file that has no name by its descriptor alone takes a privilege; by this way to it, none
    // (open(2), O_TMPFILE).
    let descriptor = format!("/proc/self/fd/{}", file.as_file().as_raw_fd());
    match linkat(CWD, descriptor, folder, name, AtFlags::SYMLINK_FOLLOW) {
        // A file system whose files have one name each, as on many a memory stick.
        Err(Errno::PERM | Errno::OPNOTSUPP) => check_and_replace(file, folder, name),
        outcome => Ok(outcome?),
    }
}

#[cfg(not(target_os = "linux"))]
fn link_to_free(file: TempFile<'_>, folder: &Dir, name: &str) -> io::Result<()> {
    check_and_replace(file, folder, name)
}

/// The same in two steps. A file that gets the name between them is replaced.
fn check_and_replace(file: TempFile<'_>, folder: &Dir, name: &str) -> io::Result<()> {
    match folder.symlink_metadata(name) {
        Ok(_) => Err(ErrorKind::AlreadyExists.into()),
        Err(error) if error.kind() == ErrorKind::NotFound => file.replace(name),
        Err(error) => Err(error),
    }
}
