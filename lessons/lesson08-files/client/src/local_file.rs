//! A file of this machine that is to be put on the server.

use std::fs::File;
use std::path::Path;

use wire::Md5;

use crate::Error;
use crate::transfer::Source;

/// A regular file, open for reading.
#[derive(Debug)]
pub struct LocalFile {
    /// The last part of its path, which it is to have on the server.
    pub name: String,
    pub(crate) source: Source,
}

impl LocalFile {
    /// Opens the file at `path`.
    ///
    /// # Errors
    /// [`Error::NotAFile`] for a folder, a device or a named pipe, which have no length;
    /// [`Error::NotText`] when the path ends in a name that is not UTF-8; [`Error::Read`].
    pub fn open(path: &Path) -> Result<LocalFile, Error> {
        // Looked at before it is opened: to open a named pipe waits until somebody writes into it.
        if !path.metadata().map_err(Error::Read)?.is_file() {
            return Err(Error::NotAFile);
        }
        let name = path.file_name().and_then(|name| name.to_str()).ok_or(Error::NotText)?;
        let source = File::open(path).and_then(Source::new).map_err(Error::Read)?;
        Ok(LocalFile { name: name.to_owned(), source })
    }

    /// The MD5 of the first `length` bytes, to go on with.
    pub(crate) fn md5_of_first(&mut self, length: u64) -> Result<Md5, Error> {
        self.source.md5_of_first(length, &|| true).map_err(Error::Read)
    }
}
