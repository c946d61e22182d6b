//! Finds the messages in a stream that arrives in pieces.

use crate::error::{Error, Result};
use crate::framing::Framing;
use crate::framing::buffer::PartBuffer;
use crate::framing::length::{ByteOrder, LengthField};
use crate::framing::part::{JSON_LIMIT, Part, Rules};

/// Finds the messages in a stream that arrives in pieces, and does no I/O itself.
///
/// A message that lies whole in one piece is lent out of that piece, without a copy. One that is
/// cut is put together in the decoder's own memory, copied once, and lent from there. That memory
/// grows with what has arrived and is kept for the next cut message.
///
/// ```text
/// pieces   ┌ 05 00 00 00  h e l l o   05 00 00 00  w o ┐ ┌ r l d ┐
///                         └─ lent ─┘               └── copied ───┘
/// ```
///
/// ```
/// let mut decoder = wire::Decoder::new(&wire::Framing::FRAME, wire::DEFAULT_LIMIT);
/// let mut frames = Vec::new();
/// for mut piece in [b"\x05\0\0\0hello\x05\0\0\0wo".as_slice(), b"rld"] {
///     while let Some(frame) = decoder.decode(&mut piece)? {
///         frames.push(frame.to_vec());
///     }
/// }
/// assert_eq!(decoder.finish()?, None);
/// assert_eq!(frames, [b"hello", b"world"]);
/// # Ok::<(), wire::Error>(())
/// ```
#[derive(Debug)]
pub struct Decoder {
    rules: Rules,
    part: Part,
    /// The offset of the part's first byte.
    start: u64,
    /// A part that is cut. When all of it has come and there is still no next part, it is bad: then
    /// nothing more is taken.
    cut: PartBuffer,
    /// The most that is kept of a message that is cut, in bytes.
    kept: usize,
    /// The last JSON header.
    header: Vec<u8>,
}

/// Where a whole message of so many bytes lies.
pub(crate) enum Found {
    /// In what was taken from the input, with so many bytes of it behind the message.
    Input(usize, usize),
    /// At the beginning of `cut`.
    Cut(usize),
}

impl Decoder {
    /// A decoder at the beginning of a stream, for messages of at most `limit` bytes.
    pub fn new(framing: &Framing, limit: usize) -> Self {
        let rules = Rules::new(framing, limit);
        let (part, wanted) = rules.first;
        let cut = PartBuffer::new(wanted);
        Self { rules, part, start: 0, cut, kept: usize::MAX, header: Vec::new() }
    }

    /// Makes it a decoder for somebody who only watches: of a message that is cut, and was announced
    /// or is ended by the end of the stream, only the first `kept` bytes are kept, and lent.
    #[must_use]
    pub fn keeping(self, kept: usize) -> Self {
        Self { kept, ..self }
    }

    /// Takes bytes from the front of `input` and lends the next whole message, or gives `None`
    /// when all of `input` is taken and more is needed. Call it until it gives `None`, then again
    /// with the next piece.
    ///
    /// # Errors
    /// What is wrong with a length, a header or a message without an end, as soon as that is sure;
    /// it does not depend on how the stream is cut. From then on nothing more is taken, and each
    /// call gives that error again.
    #[inline]
    pub fn decode<'d, 'i: 'd>(&'d mut self, input: &mut &'i [u8]) -> Result<Option<&'d [u8]>> {
        if let Some(message) = self.lend_whole(input) {
            return Ok(Some(message));
        }
        let before = *input;
        Ok(match self.find(input)? {
            None => None,
            Some(Found::Cut(length)) => Some(self.cut.start(length)),
            Some(Found::Input(length, behind)) => {
                let end = before.len() - input.len() - behind;
                before.get(end - length..end)
            }
        })
    }

    /// Says whether the stream may end here, and lends the message that only its end has ended:
    /// with [`Framing::End`] all that came, if anything has.
    ///
    /// A last line without a new line is an error, not a message: only the new line says that
    /// nothing of it is missing.
    ///
    /// # Errors
    /// [`Error::EndInHeader`], [`Error::EndInLength`], [`Error::EndBeforeMark`] or
    /// [`Error::EndInBody`] inside a message. If [`decode`](Self::decode) has failed, its error.
    pub fn finish(&mut self) -> Result<Option<&[u8]>> {
        self.find(&mut [].as_slice())?;
        let (got, expected, at) = (self.cut.got, self.cut.wanted, self.position());
        match self.part {
            Part::Rest => {
                self.begin(self.rules.first);
                Ok(Some(self.cut.start(got.min(self.kept))).filter(|message| !message.is_empty()))
            }
            Part::Payload | Part::LongPayload | Part::Json => {
                let (got, expected) = (got as u64, expected as u64);
                Err(Error::EndInBody { got, expected, at })
            }
            _ if got == 0 => Ok(None),
            Part::Length if self.rules.length == LengthField::FRAME => {
                Err(Error::EndInHeader { got, at })
            }
            Part::Marked | Part::Line | Part::MarkedDigits => {
                Err(Error::EndBeforeMark { got: got as u64, at })
            }
            _ => Err(Error::EndInLength { got, expected, at }),
        }
    }

    /// The number of bytes taken so far.
    pub fn position(&self) -> u64 {
        self.start + self.cut.got as u64
    }

    /// The JSON header of the last message, as it came, with [`Framing::Json`]; else nothing.
    pub fn header(&self) -> &[u8] {
        &self.header
    }

    /// The length of the message of which the beginning has come, if its length has come: in bytes,
    /// without what announces it.
    pub fn announced(&self) -> Option<usize> {
        matches!(self.part, Part::Payload | Part::LongPayload).then_some(self.cut.wanted)
    }

    /// The number of bytes that may be taken without going beyond the end of this message: at least 1.
    pub(crate) fn wants(&self) -> usize {
        match self.part {
            Part::Marked | Part::Line | Part::MarkedDigits => 1,
            _ => self.cut.missing(),
        }
    }

    /// The message of `length` bytes that `find` has left in `cut`.
    pub(crate) fn cut(&self, length: usize) -> &[u8] {
        self.cut.start(length)
    }

    /// Lends what is mostly there: length and message, both whole in the input. If only the length is
    /// whole, it is taken.
    #[inline]
    fn lend_whole<'i>(&mut self, input: &mut &'i [u8]) -> Option<&'i [u8]> {
        if self.part != Part::Length || self.cut.got > 0 {
            return None;
        }
        // Most lengths have four bytes: for them the width is known here when this is compiled.
        match (self.cut.wanted, self.rules.length.order()) {
            (4, ByteOrder::Little) => self.lend(input, |bytes| u32::from_le_bytes(bytes).into()),
            (4, ByteOrder::Big) => self.lend(input, |bytes| u32::from_be_bytes(bytes).into()),
            (2, ByteOrder::Little) => self.lend(input, |bytes| u16::from_le_bytes(bytes).into()),
            (2, ByteOrder::Big) => self.lend(input, |bytes| u16::from_be_bytes(bytes).into()),
            (8, ByteOrder::Little) => self.lend(input, u64::from_le_bytes),
            (8, ByteOrder::Big) => self.lend(input, u64::from_be_bytes),
            _ => self.lend(input, |[byte]| byte.into()),
        }
    }

    /// `lend_whole`, where the length is so many bytes wide.
    #[inline]
    fn lend<'i, const WIDTH: usize>(
        &mut self,
        input: &mut &'i [u8],
        number: impl Fn([u8; WIDTH]) -> u64,
    ) -> Option<&'i [u8]> {
        let (bytes, rest) = input.split_first_chunk()?;
        let length = self.rules.length.length_of(number(*bytes), self.rules.longest)?;
        let Some((message, rest)) = rest.split_at_checked(length) else {
            self.start += WIDTH as u64;
            *input = rest;
            self.part = self.payload(length);
            self.cut.begin(length);
            return None;
        };
        self.start += (WIDTH + length) as u64;
        *input = rest;
        Some(message)
    }

    /// `decode` without the lending, which a loop such as `FrameReader`'s could not borrow.
    #[inline]
    pub(crate) fn find(&mut self, input: &mut &[u8]) -> Result<Option<Found>> {
        if self.part == Part::Payload {
            return Ok(self.gather_payload(input));
        }
        // A copy, so that a loop around `decode` can have `input` in registers.
        let mut rest = *input;
        let found = self.find_other(&mut rest);
        *input = rest;
        found
    }

    #[inline(never)]
    fn find_other(&mut self, input: &mut &[u8]) -> Result<Option<Found>> {
        match self.part {
            Part::Length => match self.take_length(input)? {
                Some(length) => Ok(self.take_payload(length, input)),
                None => Ok(None),
            },
            Part::JsonLength => {
                let Some(length) = self.take_length(input)? else {
                    return Ok(None);
                };
                self.begin((Part::Json, length));
                self.take_json(input)
            }
            Part::Json => self.take_json(input),
            Part::FixedDigits | Part::MarkedDigits => match self.take_digits(input)? {
                Some(length) => Ok(self.take_payload(length, input)),
                None => Ok(None),
            },
            Part::Marked | Part::Line => self.take_marked(input),
            Part::Rest => {
                let is_full = self.cut.take_start(input, self.kept);
                if is_full { Err(self.no_end()) } else { Ok(None) }
            }
            Part::Piece => self.take_piece(input),
            Part::Payload => Ok(self.gather_payload(input)),
            Part::LongPayload => Ok(self.gather_start(input)),
        }
    }

    /// The length that stands here, when all of its bytes have come. A bad one stays here, and is
    /// found bad again each time that one asks.
    fn take_length(&mut self, input: &mut &[u8]) -> Result<Option<usize>> {
        if !self.cut.take(input, self.cut.missing()) {
            return Ok(None);
        }
        let limit = if self.part == Part::JsonLength { JSON_LIMIT } else { self.rules.limit };
        self.rules.length.decode(self.cut.bytes(), limit, self.start).map(Some)
    }

    /// A payload of `length` bytes comes next.
    fn take_payload(&mut self, length: usize, input: &mut &[u8]) -> Option<Found> {
        let Some((_, rest)) = input.split_at_checked(length) else {
            self.begin((self.payload(length), length));
            return match self.part {
                Part::Payload => self.gather_payload(input),
                _ => self.gather_start(input),
            };
        };
        *input = rest;
        self.cut.got += length;
        self.begin(self.rules.first);
        Some(Found::Input(length, 0))
    }

    #[inline]
    fn gather_payload(&mut self, input: &mut &[u8]) -> Option<Found> {
        let length = self.cut.wanted;
        if !self.cut.take(input, self.cut.missing()) {
            return None;
        }
        self.begin(self.rules.first);
        Some(Found::Cut(length))
    }

    fn gather_start(&mut self, input: &mut &[u8]) -> Option<Found> {
        let is_full = self.cut.take_start(input, self.kept);
        if is_full {
            self.begin(self.rules.first);
        }
        is_full.then_some(Found::Cut(self.kept))
    }

    fn take_json(&mut self, input: &mut &[u8]) -> Result<Option<Found>> {
        if !self.cut.take(input, self.cut.missing()) {
            return Ok(None);
        }
        let length = self.rules.announced_by(self.cut.bytes(), self.start)?;
        self.cut.bytes().clone_into(&mut self.header);
        Ok(self.take_payload(length, input))
    }

    /// The length in digits that stands here, when all of it has come.
    fn take_digits(&mut self, input: &mut &[u8]) -> Result<Option<usize>> {
        if !self.cut.is_full() {
            match self.mark_end(input).filter(|_| self.part == Part::MarkedDigits) {
                Some(end) => {
                    self.cut.take(input, end);
                    // What comes behind the mark is no part of the length, good or bad.
                    self.cut.wanted = self.cut.got;
                }
                None => {
                    self.cut.take(input, self.cut.missing());
                }
            }
        }
        let is_full = self.cut.is_full();
        let Some(digits) = self.rules.digits.as_ref().filter(|_| is_full) else { return Ok(None) };
        digits.decode(self.cut.bytes(), self.rules.limit, self.start).map(Some)
    }

    fn take_marked(&mut self, input: &mut &[u8]) -> Result<Option<Found>> {
        if self.cut.is_full() {
            return Err(self.no_end());
        }
        let before = *input;
        let is_cut = self.cut.got > 0;
        let Some(end) = self.mark_end(input) else {
            let is_full = self.cut.take(input, self.cut.missing());
            return if is_full { Err(self.no_end()) } else { Ok(None) };
        };
        let bytes = if is_cut {
            self.cut.take(input, end);
            self.cut.bytes()
        } else {
            let (taken, rest) = before.split_at_checked(end).unwrap_or_default();
            *input = rest;
            self.cut.got = end;
            taken
        };
        let mark = match self.part {
            Part::Line if bytes.ends_with(b"\r\n") => 2,
            _ => self.rules.mark.needle().len(),
        };
        let length = bytes.len() - mark;
        if length > self.rules.limit {
            self.cut.wanted = self.cut.got;
            return Err(self.no_end());
        }
        self.begin(self.rules.first);
        Ok(Some(if is_cut { Found::Cut(length) } else { Found::Input(length, mark) }))
    }

    /// The number of bytes of the input up to the part's end mark and with it, if that is among as
    /// many as the part may have.
    fn mark_end(&self, input: &[u8]) -> Option<usize> {
        let input = input.get(..self.cut.missing()).unwrap_or(input);
        self.rules.mark_end(self.cut.bytes(), input)
    }

    fn take_piece(&mut self, input: &mut &[u8]) -> Result<Option<Found>> {
        let length = input.len();
        if self.cut.is_full() || length > self.rules.limit {
            *input = input.get(self.cut.missing()..).unwrap_or_default();
            self.cut.got = self.cut.wanted;
            return Err(self.no_end());
        }
        *input = &[];
        self.start += length as u64;
        Ok((length > 0).then_some(Found::Input(length, 0)))
    }

    fn no_end(&self) -> Error {
        Error::NoEnd { limit: self.rules.limit as u64, at: self.start }
    }

    #[inline]
    fn payload(&self, length: usize) -> Part {
        if length > self.kept { Part::LongPayload } else { Part::Payload }
    }

    #[inline]
    fn begin(&mut self, (part, wanted): (Part, usize)) {
        self.start += self.cut.got as u64;
        self.part = part;
        self.cut.begin(wanted);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_decoders_memory_grows_with_what_has_arrived_and_not_with_what_a_length_claims() {
        let claims: [(&str, &[u8]); 7] = [
            ("<i", b"\xff\xff\xff\x7f"),
            (">Q", b"\0\0\0\0\x7f\xff\xff\xff"),
            ("digits:10", b"2147483647"),
            ("digits:\\n", b"2147483647\n"),
            ("json:>H:n", b"\0\x10{\"n\":2147483647}"),
            ("until:0d0a0d0a", b""),
            ("end", b""),
        ];
        for (framing, claim) in claims {
            let mut decoder = Decoder::new(&framing.parse().unwrap(), i32::MAX as usize);
            let mut input = claim;
            decoder.decode(&mut input).unwrap();
            let taken = decoder.cut.capacity() + decoder.header.capacity();
            assert!(taken <= 2 * claim.len() + 32, "{framing}: {taken} bytes for the claim");

            for arrived in 1..10_000 {
                decoder.decode(&mut [b'\r'].as_slice()).unwrap();
                let taken = decoder.cut.capacity();
                assert!(taken <= 2 * (arrived + claim.len()) + 16, "{framing}: {taken}");
            }
        }
    }
}
