//! A file that is read to be sent.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::time::SystemTime;

use wire::Md5;

use crate::Error;
use crate::time::to_seconds;

/// A regular file, open to be read, and what it was like when it was opened: its length is announced
/// before its bytes are sent, and it may change meanwhile.
#[derive(Debug)]
pub struct Source {
    file: File,
    length: u64,
    modified: Option<SystemTime>,
}

impl Source {
    /// The file as it is now. This looks at the open file and not at its name, which may lead to
    /// another one by now.
    ///
    /// # Errors
    /// [`Error::NotAFile`] for a folder, a device or a pipe, which have no length; [`Error::Io`].
    pub fn new(file: File) -> Result<Source, Error> {
        let metadata = file.metadata()?;
        match metadata.is_file() {
            true => Ok(Source { file, length: metadata.len(), modified: metadata.modified().ok() }),
            false => Err(Error::NotAFile),
        }
    }

    /// The length in bytes that the file had.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// When the file was last modified, in seconds since 1970.
    pub fn modified(&self) -> Option<i64> {
        self.modified.and_then(to_seconds)
    }

    /// The MD5 of the whole file, which is read for it as long as `should_continue` says so.
    ///
    /// # Errors
    /// When it cannot be read, or is shorter by now, or `should_continue` returned false.
    pub fn md5(&mut self, should_continue: &dyn Fn() -> bool) -> io::Result<Md5> {
        self.md5_of_first(self.length, should_continue)
    }

    /// Where to begin to send, and the MD5 of the bytes before: behind those that the receiver has, if
    /// this file begins with the same ones, or else at 0. `have` is their number and their MD5.
    ///
    /// # Errors
    /// As for [`Source::md5`].
    pub fn resume_at(
        &mut self,
        have: Option<(u64, &str)>,
        should_continue: &dyn Fn() -> bool,
    ) -> io::Result<(u64, Md5)> {
        if let Some((length, theirs)) = have.filter(|(length, _)| *length <= self.length) {
            let ours = self.md5_of_first(length, should_continue)?;
            if ours.clone().finish() == theirs {
                return Ok((length, ours));
            }
        }
        Ok((0, Md5::new()))
    }

    fn md5_of_first(&mut self, length: u64, should_continue: &dyn Fn() -> bool) -> io::Result<Md5> {
        self.file.rewind()?;
        wire::md5_of(&mut self.file, length, should_continue)
    }

    /// Whether the file still has this length and this time.
    pub fn is_unchanged(&self) -> bool {
        let now = self.file.metadata();
        now.is_ok_and(|now| now.len() == self.length && now.modified().ok() == self.modified)
    }
}

impl Read for Source {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.file.read(buffer)
    }
}

impl Seek for Source {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}
