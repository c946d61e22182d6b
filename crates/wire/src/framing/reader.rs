//! Reads messages from a stream: one at a time and not a byte more, or with few calls.

use std::io::Read;

use crate::error::Result;
use crate::framing::Framing;
use crate::framing::decoder::{Decoder, Found};
use crate::read::{READ_SIZE, read_some};

impl Framing {
    /// Reads one message, or gives `None` if the stream ended before its first byte. Never reads
    /// past the message's end: what follows stays in the reader. (With `none` what one read gives
    /// is the message, up to 64 KiB.)
    ///
    /// Where a mark ends the message or its length, that means a read for each byte; a
    /// [`FrameReader`] needs fewer.
    ///
    /// # Errors
    /// Those of [`Decoder::decode`] and [`Decoder::finish`], and [`Error::Io`](crate::Error::Io),
    /// with offsets that count from where this call began. What was read is lost.
    pub fn read(&self, reader: &mut impl Read, limit: usize) -> Result<Option<Vec<u8>>> {
        let mut decoder = Decoder::new(self, limit);
        let mut buffer = Vec::new();
        loop {
            let room = decoder.wants().min(READ_SIZE);
            if buffer.len() < room {
                buffer.resize(room, 0);
            }
            let room = buffer.get_mut(..room).unwrap_or_default();
            let got = read_some(reader, room)?;
            if got == 0 {
                return decoder.finish().map(|last| last.map(<[u8]>::to_vec));
            }
            let mut piece = buffer.get(..got).unwrap_or_default();
            if let Some(message) = decoder.decode(&mut piece)? {
                return Ok(Some(message.to_vec()));
            }
        }
    }
}

/// Reads messages with few calls: as much as there is, up to 64 KiB at a time, over a [`Decoder`].
#[derive(Debug)]
pub struct FrameReader<R> {
    reader: R,
    decoder: Decoder,
    buffer: Vec<u8>,
    /// What was read and not yet decoded is `buffer[start..end]`.
    start: usize,
    end: usize,
}

impl<R: Read> FrameReader<R> {
    /// Reads messages of at most `limit` bytes from `reader`.
    pub fn new(reader: R, framing: &Framing, limit: usize) -> Self {
        let decoder = Decoder::new(framing, limit);
        Self { reader, decoder, buffer: vec![0; READ_SIZE], start: 0, end: 0 }
    }

    /// Lends the next message, or `None` when the stream has ended between messages.
    ///
    /// # Errors
    /// Those of [`Framing::read`], with offsets that count from the first byte this reader ever
    /// took. [`Error::Io`](crate::Error::Io) (a time-out, say) loses nothing: calling again goes on
    /// where it stopped.
    pub fn next_frame(&mut self) -> Result<Option<&[u8]>> {
        let found = loop {
            let mut input = self.buffer.get(self.start..self.end).unwrap_or_default();
            let found = self.decoder.find(&mut input)?;
            self.start = self.end - input.len();
            if let Some(found) = found {
                break found;
            }
            (self.start, self.end) = (0, 0);
            self.end = read_some(&mut self.reader, &mut self.buffer)?;
            if self.end == 0 {
                return self.decoder.finish();
            }
        };
        Ok(match found {
            Found::Cut(length) => Some(self.decoder.cut(length)),
            Found::Input(length, behind) => {
                let end = self.start - behind;
                self.buffer.get(end - length..end)
            }
        })
    }

    /// The JSON header of the last message, with [`Framing::Json`]; else nothing.
    pub fn header(&self) -> &[u8] {
        self.decoder.header()
    }

    /// Gives the reader back. What was read ahead of the last message is lost.
    pub fn into_inner(self) -> R {
        self.reader
    }
}
