//! What can be wrong with a file, so that it can be told from the rest.

use std::io::{self, ErrorKind};

use crate::{LISTED, NameError};

/// What can be wrong with a file or with its name.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// It is no name.
    #[error(transparent)]
    Name(#[from] NameError),
    /// There is none of that name.
    #[error("there is no file of that name")]
    NotFound,
    /// A folder, a device or a link to itself; or a file where a folder should be.
    #[error("what is there under that name is no file")]
    NotAFile,
    /// The name is taken.
    #[error("there is a file of that name already")]
    Exists,
    /// Two writers of one name.
    #[error("a file of that name is being written at this moment")]
    Busy,
    /// Its `.part` was removed or exchanged meanwhile.
    #[error("what had come of it was removed by somebody else")]
    Lost,
    /// A symbolic link leads out of the folder.
    #[error("that name leads out of the folder")]
    Outside,
    /// A folder with more names than anyone should be sent.
    #[error("more than {LISTED} names are in that folder")]
    TooMany,
    /// The disk, the quota or the largest size of a file is reached.
    #[error("no space is left for it: {0}")]
    Full(#[source] io::Error),
    /// The system does not let this program read or write there.
    #[error("the system does not allow it: {0}")]
    Denied(#[source] io::Error),
    /// Anything else.
    #[error(transparent)]
    Io(io::Error),
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Error {
        match error.kind() {
            ErrorKind::NotFound => Error::NotFound,
            ErrorKind::AlreadyExists => Error::Exists,
            ErrorKind::IsADirectory | ErrorKind::NotADirectory => Error::NotAFile,
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
                Error::Full(error)
            }
            // cap-std's own word for a way out; the system's has a number.
            ErrorKind::PermissionDenied if error.raw_os_error().is_none() => Error::Outside,
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => Error::Denied(error),
            _ if is_no_file(&error) => Error::NotAFile,
            _ => Error::Io(error),
        }
    }
}

/// A link to itself, or one where none is followed (ELOOP); a socket (ENXIO): open(2).
#[cfg(unix)]
fn is_no_file(error: &io::Error) -> bool {
    use rustix::io::Errno;
    [Errno::LOOP, Errno::NXIO].iter().any(|e| error.raw_os_error() == Some(e.raw_os_error()))
}

#[cfg(not(unix))]
fn is_no_file(_: &io::Error) -> bool {
    false
}
