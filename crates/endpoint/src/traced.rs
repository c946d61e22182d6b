//! A stream whose calls are recorded, if somebody wants to see them.

use std::io::{self, Read, Write};

use trace::Tap;

/// A stream, with a [`Tap`] on it or without.
#[derive(Debug)]
pub enum Traced<S> {
    /// Nobody looks.
    Plain(S),
    /// Each call is recorded.
    Tapped(Box<Tap<S>>),
}

impl<S> Traced<S> {
    /// The stream itself, whose calls are recorded no longer.
    pub fn into_inner(self) -> S {
        match self {
            Traced::Plain(stream) => stream,
            Traced::Tapped(tap) => tap.into_inner(),
        }
    }

    /// The stream itself, for what is neither a read nor a write.
    pub fn get_mut(&mut self) -> &mut S {
        match self {
            Traced::Plain(stream) => stream,
            Traced::Tapped(tap) => tap.get_mut(),
        }
    }
}

impl<S: Read> Read for Traced<S> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Traced::Plain(stream) => stream.read(buffer),
            Traced::Tapped(tap) => tap.read(buffer),
        }
    }
}

impl<S: Write> Write for Traced<S> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Traced::Plain(stream) => stream.write(bytes),
            Traced::Tapped(tap) => tap.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Traced::Plain(stream) => stream.flush(),
            Traced::Tapped(tap) => tap.flush(),
        }
    }
}
