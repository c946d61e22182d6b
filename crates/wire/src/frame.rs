//! Frames: a length, then that many bytes.
//!
//! ```text
//!          ┌─────────────┬─────────┐
//!          │ length (4)  │ payload │
//!          └─────────────┴─────────┘
//! "hello"    05 00 00 00   68 65 6c 6c 6f
//! ""         00 00 00 00
//! ```
//!
//! The length is an `i32` in little-endian order, as Python's `struct.pack('i', n)` writes it on
//! x86. It counts the payload only. A stream is one frame after the other and nothing else.

use std::io::{ErrorKind, Read, Write};

use crate::error::{Error, Result};

/// How many bytes the length takes.
pub const LENGTH_BYTES: usize = 4;

/// The longest payload that programs accept unless told otherwise: 16 MiB.
pub const DEFAULT_LIMIT: usize = 16 * 1024 * 1024;

/// What is asked of a reader in one call, and the most memory that a length alone can get: 64 KiB.
const PIECE: usize = 64 * 1024;

/// The 4 bytes that announce a payload of `length` bytes.
///
/// # Errors
/// [`Error::TooLong`] above `i32::MAX`.
pub fn encode_length(length: usize) -> Result<[u8; LENGTH_BYTES]> {
    match i32::try_from(length) {
        Ok(length) => Ok(length.to_le_bytes()),
        Err(_) => Err(Error::TooLong { length }),
    }
}

/// Appends one frame, length and payload, to `out`.
///
/// # Errors
/// [`Error::TooLong`] for a payload above `i32::MAX` bytes; `out` is then as before.
pub fn encode(payload: &[u8], out: &mut Vec<u8>) -> Result<()> {
    let length = encode_length(payload.len())?;
    out.reserve(LENGTH_BYTES + payload.len());
    out.extend_from_slice(&length);
    out.extend_from_slice(payload);
    Ok(())
}

/// Writes one frame in a single `write` call (more only if the writer takes less), and flushes.
///
/// Length and payload are put together first. Written one by one they could travel as two
/// segments, or the payload could wait until the peer has acknowledged the length.
///
/// # Errors
/// [`Error::TooLong`] before anything is written; [`Error::Io`].
pub fn write_frame(writer: &mut impl Write, payload: &[u8]) -> Result<()> {
    let mut bytes = Vec::new();
    encode(payload, &mut bytes)?;
    writer.write_all(&bytes)?;
    writer.flush()?;
    Ok(())
}

/// Reads one frame and gives its payload, or `None` if the stream ended before its first byte.
/// Never reads past the frame's end: what follows stays in the reader.
///
/// # Errors
/// [`Error::NegativeLength`], [`Error::TooLarge`], [`Error::EndInHeader`], [`Error::EndInBody`] or
/// [`Error::Io`], with offsets that count from where this call began. What was read is lost.
pub fn read_frame(reader: &mut impl Read, limit: usize) -> Result<Option<Vec<u8>>> {
    let mut bytes = [0; LENGTH_BYTES];
    match fill(reader, &mut bytes)? {
        0 => Ok(None),
        LENGTH_BYTES => {
            let length = checked_length(bytes, limit, 0)?;
            read_exactly(reader, length, LENGTH_BYTES as u64).map(Some)
        }
        got => Err(Error::EndInHeader { got, at: got as u64 }),
    }
}

/// Reads frames with few calls: as much as there is, up to 64 KiB at a time, over a [`Decoder`].
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
    /// Reads frames of at most `limit` payload bytes from `reader`.
    pub fn new(reader: R, limit: usize) -> Self {
        Self { reader, decoder: Decoder::new(limit), buffer: vec![0; PIECE], start: 0, end: 0 }
    }

    /// Lends the next frame's payload, or `None` when the stream has ended between frames.
    ///
    /// # Errors
    /// Those of [`read_frame`], with offsets that count from the first byte this reader ever took.
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
            Found::Cut(length) => self.decoder.cut.get(..length),
            Found::Input(length) => self.buffer.get(self.start - length..self.start),
        })
    }

    /// Gives the reader back. What was read ahead of the last frame is lost.
    pub fn into_inner(self) -> R {
        self.reader
    }
}

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
    /// The offset of the part's first byte.
    start: u64,
    /// How many of the part's bytes have come, and how many it has in all.
    got: usize,
    wanted: usize,
    /// A cut part is put together in `cut[..got]`. What follows is room for more.
    cut: Vec<u8>,
}

/// What comes next in the stream.
#[derive(Debug, Clone, Copy)]
enum Part {
    Length,
    Payload,
    /// These bytes were no good length, so nobody knows where the next frame begins.
    Lost([u8; LENGTH_BYTES]),
}

/// Where a whole payload of so many bytes lies.
enum Found {
    /// At the end of what was taken from the input.
    Input(usize),
    /// At the beginning of `cut`.
    Cut(usize),
}

impl Decoder {
    /// A decoder at the beginning of a stream, for payloads of at most `limit` bytes.
    pub fn new(limit: usize) -> Self {
        Self { limit, part: Part::Length, start: 0, got: 0, wanted: LENGTH_BYTES, cut: Vec::new() }
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
            Some(Found::Cut(length)) => self.cut.get(..length),
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
            Part::Lost(bytes) => checked_length(bytes, self.limit, self.start).map(|_| ()),
        }
    }

    /// How many bytes were taken so far.
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
                let length = checked_length(bytes, self.limit, self.start)
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
        Ok(Some(Found::Cut(length)))
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
        if self.gather(input) { self.cut.first_chunk().copied() } else { None }
    }

    /// Moves what has come of a cut part into `cut`, and says whether the part is whole.
    #[inline]
    fn gather(&mut self, input: &mut &[u8]) -> bool {
        let (taken, rest) = input.split_at(input.len().min(self.wanted - self.got));
        *input = rest;
        let end = self.got + taken.len();
        if end > self.cut.len() {
            self.grow(end);
        }
        if let Some(room) = self.cut.get_mut(self.got..end) {
            copy(taken, room);
        }
        self.got = end;
        end == self.wanted
    }

    /// Makes `cut` at least `least` bytes long, and as long as the memory taken for that allows.
    #[cold]
    fn grow(&mut self, least: usize) {
        self.cut.resize(least, 0);
        self.cut.resize(self.cut.capacity(), 0);
    }

    #[inline]
    fn begin(&mut self, part: Part, wanted: usize) {
        self.start += self.got as u64;
        (self.part, self.got, self.wanted) = (part, 0, wanted);
    }
}

/// What the length at the offset `at` says, if it is one and within the limit.
fn checked_length(bytes: [u8; LENGTH_BYTES], limit: usize, at: u64) -> Result<usize> {
    let length = i32::from_le_bytes(bytes);
    match usize::try_from(length) {
        Err(_) => Err(Error::NegativeLength { length, at }),
        Ok(length) if length > limit => {
            Err(Error::TooLarge { length: length as u64, limit: limit as u64, at })
        }
        Ok(length) => Ok(length),
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

/// Reads `length` bytes, of which the first is at the offset `at`. Takes memory for one piece,
/// and each time that it is full, for as much again.
pub(crate) fn read_exactly(reader: &mut impl Read, length: usize, at: u64) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    while bytes.len() < length {
        let had = bytes.len();
        let room = (length - had).min(had.max(PIECE));
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
fn fill(reader: &mut impl Read, room: &mut [u8]) -> Result<usize> {
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
fn read_some(reader: &mut impl Read, room: &mut [u8]) -> Result<usize> {
    loop {
        match reader.read(room) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            result => return Ok(result?),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_decoders_memory_grows_with_what_has_arrived_and_not_with_what_a_length_claims() {
        let mut decoder = Decoder::new(i32::MAX as usize);
        decoder.decode(&mut encode_length(i32::MAX as usize).unwrap().as_slice()).unwrap();
        assert_eq!(decoder.cut.capacity(), 0, "after a length of 2 GiB and nothing else");

        for arrived in 1..10_000 {
            decoder.decode(&mut [0].as_slice()).unwrap();
            let taken = decoder.cut.capacity();
            assert!(taken <= 2 * arrived + 16, "{taken} bytes taken when {arrived} had arrived");
        }
    }

    #[test]
    fn reading_a_body_takes_memory_only_as_the_body_arrives() {
        for arriving in [0, 1, PIECE - 1, PIECE, PIECE + 1, 10 * PIECE] {
            let mut reader = Recorder { left: arriving, most_asked: 0 };
            let error = read_exactly(&mut reader, i32::MAX as usize, 0).unwrap_err();
            assert!(matches!(error, Error::EndInBody { got, .. } if got == arriving as u64));
            let most = arriving.max(PIECE);
            let asked = reader.most_asked;
            assert!(asked <= most, "{asked} bytes of room when {arriving} had arrived");
        }
    }

    /// Gives `left` zeros and then the end, and remembers the most room it was offered.
    struct Recorder {
        left: usize,
        most_asked: usize,
    }

    impl Read for Recorder {
        fn read(&mut self, room: &mut [u8]) -> std::io::Result<usize> {
            self.most_asked = self.most_asked.max(room.len());
            let count = self.left.min(room.len());
            self.left -= count;
            Ok(count)
        }
    }
}
