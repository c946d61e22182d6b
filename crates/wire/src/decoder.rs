//! Frames out of a stream that arrives in pieces: a decoder without I/O, and a reader over it.

use std::io::Read;

use crate::error::{Error, Result};
use crate::frame::{LENGTH_BYTES, decode_length};
use crate::read::{READ_SIZE, read_some};

/// Finds the frames in a stream that arrives in pieces, and does no I/O itself.
///
/// A payload that lies whole in one piece is lent out of that piece, without a copy. One that is
/// cut is put together in the decoder's own memory, copied once, and lent from there. That memory
/// grows with what has arrived and is kept for the next cut frame.
///
/// ```text
/// pieces   ┌ 05 00 00 00  h e l l o   05 00 00 00  w o ┐ ┌ r l d ┐
///                         └─ lent ─┘               └── copied ───┘
/// ```
///
/// ```
/// let mut decoder = wire::Decoder::new(wire::DEFAULT_LIMIT);
/// let mut frames = Vec::new();
/// for mut piece in [b"\x05\0\0\0hello\x05\0\0\0wo".as_slice(), b"rld"] {
///     while let Some(frame) = decoder.decode(&mut piece)? {
///         frames.push(frame.to_vec());
///     }
/// }
/// decoder.finish()?;
/// assert_eq!(frames, [b"hello", b"world"]);
/// # Ok::<(), wire::Error>(())
/// ```
#[derive(Debug)]
pub struct Decoder {
    limit: usize,
    part: Part,
    /// The offset of the part's first byte in the stream.
    start: u64,
    /// The number of bytes of the part that have come.
    got: usize,
    /// The number of bytes of the whole part.
    wanted: usize,
    /// A part that is cut is put together in `assembled[..got]`. What follows is room for more.
    assembled: Vec<u8>,
}

/// What comes next in the stream.
#[derive(Debug, Clone, Copy)]
enum Part {
    Length,
    Payload,
    /// The bytes of a bad length: where the next frame begins is unknown.
    Lost([u8; LENGTH_BYTES]),
}

/// Where a whole payload of so many bytes lies.
enum Found {
    /// At the end of what was taken from the input.
    Input(usize),
    /// At the beginning of `assembled`.
    Assembled(usize),
}

impl Decoder {
    /// A decoder at the beginning of a stream, for payloads of at most `limit` bytes.
    pub fn new(limit: usize) -> Self {
        Self {
            limit,
            part: Part::Length,
            start: 0,
            got: 0,
            wanted: LENGTH_BYTES,
            assembled: Vec::new(),
        }
    }

    /// Takes bytes from the front of `input` and lends the next whole payload, or gives `None`
    /// when all of `input` is taken and more is needed. Call it until it gives `None`, then again
    /// with the next piece.
    ///
    /// # Errors
    /// [`Error::NegativeLength`] or [`Error::TooLarge`] as soon as such a length is there. From
    /// then on nothing more is taken, and each call gives that error again.
    #[inline]
    pub fn decode<'d, 'i: 'd>(&'d mut self, input: &mut &'i [u8]) -> Result<Option<&'d [u8]>> {
        let before = *input;
        Ok(match self.find(input)? {
            None => None,
            Some(Found::Assembled(length)) => self.assembled.get(..length),
            Some(Found::Input(length)) => {
                let end = before.len() - input.len();
                before.get(end - length..end)
            }
        })
    }

    /// Says whether the stream may end here.
    ///
    /// # Errors
    /// [`Error::EndInHeader`] or [`Error::EndInBody`] inside a frame. If [`decode`](Self::decode)
    /// has failed, its error.
    pub fn finish(&self) -> Result<()> {
        let (got, at) = (self.got, self.position());
        match self.part {
            Part::Length if got == 0 => Ok(()),
            Part::Length => Err(Error::EndInHeader { got, at }),
            Part::Payload => {
                Err(Error::EndInBody { got: got as u64, expected: self.wanted as u64, at })
            }
            Part::Lost(bytes) => decode_length(bytes, self.limit, self.start).map(|_| ()),
        }
    }

    /// The number of bytes taken so far.
    pub fn position(&self) -> u64 {
        self.start + self.got as u64
    }

    /// `decode` without the lending, which a loop such as `FrameReader`'s could not borrow.
    #[inline]
    fn find(&mut self, input: &mut &[u8]) -> Result<Option<Found>> {
        match self.part {
            Part::Payload => {}
            Part::Length => {
                let Some(bytes) = self.take_length(input) else { return Ok(None) };
                let length = decode_length(bytes, self.limit, self.start)
                    .inspect_err(|_| self.part = Part::Lost(bytes))?;
                if let Some((_, rest)) = input.split_at_checked(length) {
                    *input = rest;
                    self.got += length;
                    self.begin(Part::Length, LENGTH_BYTES);
                    return Ok(Some(Found::Input(length)));
                }
                self.begin(Part::Payload, length);
            }
            Part::Lost(_) => return self.finish().map(|()| None),
        }
        if !self.gather(input) {
            return Ok(None);
        }
        let length = self.wanted;
        self.begin(Part::Length, LENGTH_BYTES);
        Ok(Some(Found::Assembled(length)))
    }

    #[inline]
    fn take_length(&mut self, input: &mut &[u8]) -> Option<[u8; LENGTH_BYTES]> {
        if self.got == 0
            && let Some((bytes, rest)) = input.split_first_chunk()
        {
            *input = rest;
            self.got = LENGTH_BYTES;
            return Some(*bytes);
        }
        if self.gather(input) { self.assembled.first_chunk().copied() } else { None }
    }

    /// Moves what has come of a cut part into `assembled`, and says whether the part is whole.
    #[inline]
    fn gather(&mut self, input: &mut &[u8]) -> bool {
        let (taken, rest) = input.split_at(input.len().min(self.wanted - self.got));
        *input = rest;
        let end = self.got + taken.len();
        if end > self.assembled.len() {
            self.grow(end);
        }
        if let Some(room) = self.assembled.get_mut(self.got..end) {
            copy(taken, room);
        }
        self.got = end;
        end == self.wanted
    }

    /// Makes `assembled` at least `least` bytes long, and as long as the memory taken for that allows.
    #[cold]
    fn grow(&mut self, least: usize) {
        self.assembled.resize(least, 0);
        self.assembled.resize(self.assembled.capacity(), 0);
    }

    #[inline]
    fn begin(&mut self, part: Part, wanted: usize) {
        self.start += self.got as u64;
        (self.part, self.got, self.wanted) = (part, 0, wanted);
    }
}

/// Reads frames with few calls: as much as there is, up to 64 KiB at a time, over a [`Decoder`].
#[derive(Debug)]
pub struct FrameReader<R> {
    reader: R,
    decoder: Decoder,
    buffer: Vec<u8>,
    /// What has been read and not yet decoded is `buffer[start..end]`.
    start: usize,
    end: usize,
}

impl<R: Read> FrameReader<R> {
    /// Reads frames of at most `limit` payload bytes from `reader`.
    pub fn new(reader: R, limit: usize) -> Self {
        Self { reader, decoder: Decoder::new(limit), buffer: vec![0; READ_SIZE], start: 0, end: 0 }
    }

    /// Lends the next frame's payload, or `None` when the stream has ended between frames.
    ///
    /// # Errors
    /// Those of [`read_frame`](crate::read_frame), with offsets that count from the first byte this
    /// reader ever took.
    /// [`Error::Io`] (a time-out, say) loses nothing: calling again goes on where it stopped.
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
                return self.decoder.finish().map(|()| None);
            }
        };
        Ok(match found {
            Found::Assembled(length) => self.decoder.assembled.get(..length),
            Found::Input(length) => self.buffer.get(self.start - length..self.start),
        })
    }

    /// Gives the reader back. What was read ahead of the last frame is lost.
    pub fn into_inner(self) -> R {
        self.reader
    }
}

/// Copies `from` to `to`, which is as long. For a few bytes a call of `memcpy` takes longer than
/// the copying, so these are copied as the first four and the last four, which may overlap.
#[inline]
fn copy(from: &[u8], to: &mut [u8]) {
    let (4..=8, Some(first), Some(last)) = (from.len(), from.first_chunk::<4>(), from.last_chunk())
    else {
        return to.copy_from_slice(from);
    };
    if let Some(start) = to.first_chunk_mut() {
        *start = *first;
    }
    if let Some(end) = to.last_chunk_mut::<4>() {
        *end = *last;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encode_length;

    #[test]
    fn the_decoders_memory_grows_with_what_has_arrived_and_not_with_what_a_length_claims() {
        let mut decoder = Decoder::new(i32::MAX as usize);
        decoder.decode(&mut encode_length(i32::MAX as usize).unwrap().as_slice()).unwrap();
        assert_eq!(decoder.assembled.capacity(), 0, "after a length of 2 GiB and nothing else");

        for arrived in 1..10_000 {
            decoder.decode(&mut [0].as_slice()).unwrap();
            let taken = decoder.assembled.capacity();
            assert!(taken <= 2 * arrived + 16, "{taken} bytes taken when {arrived} had arrived");
        }
    }
}
