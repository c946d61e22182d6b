//! A reader that meets a stream in small pieces.

use std::io::{self, Read, Write};

use crate::sizes::Sizes;

/// A reader whose every read returns at most as many bytes as `sizes` says, whatever was asked.
///
/// The rest stays where it is (for a socket: in the kernel), so this is exactly what a reader meets
/// when the segments arrive one by one. Writes pass unchanged.
#[derive(Debug)]
pub struct SlicedReads<S> {
    stream: S,
    sizes: Sizes,
}

impl<S> SlicedReads<S> {
    /// Cuts what is read from `stream`.
    pub fn new(stream: S, sizes: Sizes) -> SlicedReads<S> {
        SlicedReads { stream, sizes }
    }
}

impl<S: Read> Read for SlicedReads<S> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = self.sizes.next_size().min(buffer.len());
        let (buffer, _) = buffer.split_at_mut(most);
        self.stream.read(buffer)
    }
}

impl<S: Write> Write for SlicedReads<S> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}
