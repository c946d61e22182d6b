//! The file that is to be sent: whether it is one, and whether a receiver would take its name.

use std::fs::File;
use std::io::{self, BufReader, ErrorKind};
use std::path::{Path, PathBuf};

use lesson09_shared::offer::{IdleTimeout, MAX_FILE_SIZE, Offer};
use partial::{Name, NameError};

/// Why a file cannot be offered.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The file cannot be read.
    #[error("cannot read {}: {source}", .path.display())]
    Read { path: PathBuf, source: io::Error },
    /// The path leads to a folder, a device, or the like.
    #[error("cannot send {}: it is not a file; name one file", .0.display())]
    NotAFile(PathBuf),
    /// A receiver would not take the file's name.
    #[error("cannot send a file called {0:?}: {1}; rename it, or send a copy with another name")]
    Name(String, NameError),
}

/// Opens the file, and says what an Offer says of it.
pub(crate) fn open(
    path: &Path,
    idle_timeout: IdleTimeout,
) -> Result<(BufReader<File>, Offer), Error> {
    let unreadable = |source| Error::Read { path: path.to_owned(), source };
    // The kind of file is asked for before it is opened: to open a named pipe waits until somebody
    // writes into it.
    let is_file = path.metadata().map_err(unreadable)?.is_file();
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
    let Some(name) = name.filter(|_| is_file) else {
        return Err(Error::NotAFile(path.to_owned()));
    };
    Name::plain(&name).map_err(|error| Error::Name(name.clone(), error))?;
    let file = File::open(path).map_err(unreadable)?;
    let size = file.metadata().map_err(unreadable)?.len();
    if size > MAX_FILE_SIZE {
        return Err(unreadable(ErrorKind::FileTooLarge.into()));
    }
    Ok((BufReader::new(file), Offer { name, size, idle_timeout }))
}
