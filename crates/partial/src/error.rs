//! What can go wrong with a file: each case that a program may treat in its own way.

use std::io::{self, ErrorKind};

use crate::NameError;
use crate::system::is_no_file;

/// What can be wrong with a file or with its name.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// What it should be called is no name.
    #[error(transparent)]
    Name(#[from] NameError),
    /// There is no file of that name.
    #[error("there is no file of that name")]
    NotFound,
    /// The name is that of a folder, a device or a link to itself; or a file is where a folder should
    /// be.
    #[error("what is there under that name is no file")]
    NotAFile,
    /// The name is taken.
    #[error("there is a file of that name already")]
    Exists,
    /// Somebody else is writing a file of that name.
    #[error("a file of that name is being written at this moment")]
    Busy,
    /// The `.part` of the file was removed or exchanged meanwhile.
    #[error("what had come of it was removed by somebody else")]
    Lost,
    /// A symbolic link leads out of the folder.
    #[error("that name leads out of the folder")]
    Outside,
    /// A folder with more names than this limit.
    #[error("more than {0} names are in that folder")]
    TooManyNames(usize),
    /// The disk, the quota or the largest size of a file is reached.
    #[error("no space is left for it: {0}")]
    Full(#[source] io::Error),
    /// The system does not let this program read or write there.
    #[error("the system does not allow it: {0}")]
    Denied(#[source] io::Error),
    /// The disk takes no change.
    #[error("the disk is read-only")]
    ReadOnly,
    /// The folder of all the files is gone, though it is still open here.
    #[error("the folder of the files was removed")]
    Removed,
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
            // cap-std's own error for a way out of the folder; an error of the system has a number.
            ErrorKind::PermissionDenied if error.raw_os_error().is_none() => Error::Outside,
            ErrorKind::PermissionDenied => Error::Denied(error),
            ErrorKind::ReadOnlyFilesystem => Error::ReadOnly,
            _ if is_no_file(&error) => Error::NotAFile,
            _ => Error::Io(error),
        }
    }
}
