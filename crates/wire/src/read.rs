//! Reading so many bytes and no more, with memory that grows as they arrive.

use std::io::{ErrorKind, Read};

use crate::error::{Error, Result};

/// The most bytes asked of a reader in one call, and the most memory that a length alone can get.
pub(crate) const READ_SIZE: usize = 64 * 1024;

/// Reads `length` bytes, of which the first is at the offset `at`. Takes memory for [`READ_SIZE`]
/// bytes, and each time that it is full, for as much again.
pub(crate) fn read_exactly(reader: &mut impl Read, length: usize, at: u64) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    while bytes.len() < length {
        let had = bytes.len();
        let room = (length - had).min(had.max(READ_SIZE));
        bytes.resize(had + room, 0);
        let got = had + fill(reader, bytes.get_mut(had..).unwrap_or_default())?;
        if got < bytes.len() {
            let (got, expected) = (got as u64, length as u64);
            return Err(Error::EndInBody { got, expected, at: at + got });
        }
    }
    Ok(bytes)
}

/// Reads until `room` is full or the stream ends, and says how many bytes came.
pub(crate) fn fill(reader: &mut impl Read, room: &mut [u8]) -> Result<usize> {
    let mut got = 0;
    while let Some(rest) = room.get_mut(got..).filter(|rest| !rest.is_empty()) {
        match read_some(reader, rest)? {
            0 => break,
            count => got += count,
        }
    }
    Ok(got)
}

/// One `read`, repeated as long as signals interrupt it.
pub(crate) fn read_some(reader: &mut impl Read, room: &mut [u8]) -> Result<usize> {
    loop {
        match reader.read(room) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            result => return Ok(result?),
        }
    }
}
