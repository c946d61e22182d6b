//! A reader and a writer that behave as badly as sockets may.

use std::io::{self, ErrorKind, Read, Write};

/// Gives what is left of each piece in one read, and lets a signal interrupt the read before.
pub(crate) struct Pieces<'a> {
    pieces: Vec<&'a [u8]>,
    interrupted: bool,
    /// How many bytes were given so far.
    pub(crate) given: usize,
}

impl<'a> Pieces<'a> {
    /// Cuts `stream` into pieces of these sizes, over and over. A size of 0 counts as 1.
    pub(crate) fn new(stream: &'a [u8], sizes: &[usize]) -> Self {
        let mut pieces = Vec::new();
        let mut rest = stream;
        for size in sizes.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (piece, after) = rest.split_at((*size).clamp(1, rest.len()));
            pieces.push(piece);
            rest = after;
        }
        Self { pieces: pieces.into_iter().rev().collect(), interrupted: false, given: 0 }
    }

    /// The pieces that no read has begun, in order.
    pub(crate) fn into_vec(self) -> Vec<&'a [u8]> {
        self.pieces.into_iter().rev().collect()
    }
}

impl Read for Pieces<'_> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        self.interrupted = !self.interrupted;
        if self.interrupted {
            return Err(ErrorKind::Interrupted.into());
        }
        let Some(piece) = self.pieces.last_mut() else { return Ok(0) };
        let count = piece.read(room)?;
        if piece.is_empty() {
            self.pieces.pop();
        }
        self.given += count;
        Ok(count)
    }
}

/// Keeps what was written and counts the calls. Takes at most `most` bytes in each.
pub(crate) struct Calls {
    /// What was written.
    pub(crate) bytes: Vec<u8>,
    /// How many calls of `write` there were.
    pub(crate) writes: usize,
    /// How many calls of `flush` there were.
    pub(crate) flushes: usize,
    most: usize,
}

impl Calls {
    /// A writer that takes at most `most` bytes a call.
    pub(crate) fn new(most: usize) -> Self {
        Self { bytes: Vec::new(), writes: 0, flushes: 0, most }
    }
}

impl Write for Calls {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writes += 1;
        let count = bytes.len().min(self.most);
        self.bytes.extend_from_slice(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.flushes += 1;
        Ok(())
    }
}
