//! A file that has no name until it is whole.

use std::fmt;
use std::io::{self, Write};

use crate::{Error, Folder, Name, NameError};

/// A file without a name (on Linux: O_TMPFILE, open(2)): whatever ends this program leaves nothing of it
/// behind, so nothing can be resumed either. Dropped, it is gone. On a system that has no such files it is called
/// `.unnamed-NUMBER-NUMBER.part` until then, which is nobody's name, and what a program has left that was killed
/// is removed when the next one begins.
pub struct Unnamed<'a>(system::File<'a>);

impl Folder {
    /// Begins a file that gets its name at its end, by [`Unnamed::publish`].
    ///
    /// # Errors
    /// Those of open(2).
    pub fn receive_unnamed(&self) -> io::Result<Unnamed<'_>> {
        system::File::begin(self.dir()).map(Unnamed)
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
        match name.folders() {
            Some(_) => Err(NameError::Folder.into()),
            None => self.0.publish(name),
        }
    }
}

impl fmt::Debug for Unnamed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unnamed").finish_non_exhaustive()
    }
}

impl Write for Unnamed<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(not(target_os = "linux"))]
use hidden as system;
#[cfg(target_os = "linux")]
use nameless as system;

#[cfg(target_os = "linux")]
mod nameless {
    use std::io::{self, ErrorKind, Write};
    use std::os::fd::AsRawFd;

    use cap_std::fs::Dir;
    use cap_tempfile::TempFile;
    use rustix::fs::{AtFlags, CWD, linkat};
    use rustix::io::Errno;

    use crate::{Error, Name};

    pub(super) struct File<'a> {
        folder: &'a Dir,
        file: TempFile<'a>,
    }

    impl File<'_> {
        pub(super) fn begin(folder: &Dir) -> io::Result<File<'_>> {
            Ok(File { folder, file: TempFile::new(folder)? })
        }

        pub(super) fn publish(self, name: &Name) -> Result<(), Error> {
            self.file.as_file().sync_all()?;
            Ok(link_to_free(self.file, self.folder, name.last())?)
        }
    }

    impl Write for File<'_> {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.file.write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            self.file.flush()
        }
    }

    /// Gives the file a name, unless that is taken: checked and done in one step (linkat(2)). There is no
    /// other name in between, which a kill could leave behind.
    fn link_to_free(file: TempFile<'_>, folder: &Dir, name: &str) -> io::Result<()> {
        // To link a file that has no name by its descriptor alone takes a privilege; by this way to it, none
        // (open(2), O_TMPFILE).
        let descriptor = format!("/proc/self/fd/{}", file.as_file().as_raw_fd());
        match linkat(CWD, descriptor, folder, name, AtFlags::SYMLINK_FOLLOW) {
            // A file system whose files have one name each, as on many a memory stick.
            Err(Errno::PERM | Errno::OPNOTSUPP) => check_and_replace(file, folder, name),
            outcome => Ok(outcome?),
        }
    }

    /// The same in two steps. A file that gets the name between them is replaced.
    fn check_and_replace(file: TempFile<'_>, folder: &Dir, name: &str) -> io::Result<()> {
        match folder.symlink_metadata(name) {
            Ok(_) => Err(ErrorKind::AlreadyExists.into()),
            Err(error) if error.kind() == ErrorKind::NotFound => file.replace(name),
            Err(error) => Err(error),
        }
    }
}

#[cfg(any(not(target_os = "linux"), test))]
mod hidden {
    use std::io::{self, Write};
    use std::marker::PhantomData;
    use std::sync::atomic::{AtomicU64, Ordering};

    use cap_std::fs::Dir;

    use crate::made::Made;
    use crate::{Error, Name, Partial};

    const PREFIX: &str = "unnamed-";

    /// A `.part` whose name belongs to no file.
    pub(super) struct File<'a> {
        partial: Partial,
        folder: PhantomData<&'a Dir>,
    }

    impl File<'_> {
        pub(super) fn begin(folder: &Dir) -> io::Result<File<'_>> {
            static BEGUN: AtomicU64 = AtomicU64::new(0);
            remove_those_that_were_left(folder)?;
            let number = BEGUN.fetch_add(1, Ordering::Relaxed);
            let name = format!("{PREFIX}{}-{number}", std::process::id());
            let name: Name = name.parse().map_err(io::Error::other)?;
            let partial = Partial::open(folder.try_clone()?, &name, false, Made::default());
            let mut partial = partial.map_err(as_io)?;
            partial.remove_on_drop();
            Ok(File { partial, folder: PhantomData })
        }

        pub(super) fn publish(self, name: &Name) -> Result<(), Error> {
            self.partial.publish_as(name)
        }
    }

    impl Write for File<'_> {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.partial.write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            self.partial.flush()
        }
    }

    /// Removes what programs have left that were killed. What is being written is locked.
    fn remove_those_that_were_left(folder: &Dir) -> io::Result<()> {
        for entry in folder.entries()? {
            let Ok(name) = entry?.file_name().into_string() else { continue };
            let left = name.strip_prefix('.').and_then(|name| name.strip_suffix(".part"));
            let Some(left) = left.filter(|name| name.starts_with(PREFIX)) else { continue };
            let Ok(left) = left.parse() else { continue };
            if let Ok(left) = Partial::open(folder.try_clone()?, &left, true, Made::default()) {
                left.discard();
            }
        }
        Ok(())
    }

    fn as_io(error: Error) -> io::Error {
        match error {
            Error::Full(error) | Error::Denied(error) | Error::Io(error) => error,
            error => io::Error::other(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    fn names(path: &Path) -> Vec<String> {
        let entries = fs::read_dir(path).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn where_a_file_must_have_a_name_it_has_one_that_nobody_can_ask_for() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::open(place.path()).unwrap();
        let mut file = hidden::File::begin(folder.dir()).unwrap();
        file.write_all(b"hello").unwrap();
        let seen = names(place.path());
        assert!(matches!(&seen[..], [name] if name.parse::<Name>().is_err()), "{seen:?}");
        file.publish(&"a".parse().unwrap()).unwrap();
        assert_eq!(names(place.path()), ["a"]);
        assert_eq!(fs::read(place.path().join("a")).unwrap(), b"hello");
        let dropped = hidden::File::begin(folder.dir()).unwrap();
        drop(dropped);
        assert_eq!(names(place.path()), ["a"]);
    }

    #[test]
    fn what_a_killed_program_has_left_is_removed_and_what_is_being_written_is_not() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::open(place.path()).unwrap();
        fs::write(place.path().join(".unnamed-1-0.part"), "left").unwrap();
        fs::write(place.path().join(".kept.part"), "to be resumed").unwrap();
        let first = hidden::File::begin(folder.dir()).unwrap();
        let second = hidden::File::begin(folder.dir()).unwrap();
        let seen = names(place.path());
        assert!(seen.len() == 3 && seen[0] == ".kept.part", "{seen:?}");
        assert!(!seen.contains(&".unnamed-1-0.part".to_owned()), "{seen:?}");
        drop((first, second));
        assert_eq!(names(place.path()), [".kept.part"]);
    }

    #[test]
    fn a_name_that_is_taken_meanwhile_is_left_to_who_has_it() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::open(place.path()).unwrap();
        let file = hidden::File::begin(folder.dir()).unwrap();
        fs::write(place.path().join("a"), "somebody else's").unwrap();
        let error = file.publish(&"a".parse().unwrap()).unwrap_err();
        assert!(matches!(error, Error::Exists), "{error}");
        assert_eq!(names(place.path()), ["a"]);
    }
}
