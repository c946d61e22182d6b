//! A stream that arrives in pieces, and a peer whose part is written down in advance.

use std::io::{self, Read, Write};

use crate::choices::Choices;

/// The bytes in pieces: the sizes come from the choices, in turn, again and again.
pub(crate) fn pieces<'a>(bytes: &'a [u8], choices: &mut Choices<'_>) -> Vec<&'a [u8]> {
    let sizes: Vec<usize> = (0..4).map(|_| usize::from(choices.byte()).max(1)).collect();
    let (mut rest, mut pieces) = (bytes, Vec::new());
    for size in sizes.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (piece, others) = rest.split_at((*size).min(rest.len()));
        pieces.push(piece);
        rest = others;
    }
    pieces
}

/// Reads what is written down, a piece at a time, and keeps what is sent to it.
#[derive(Debug, Default)]
pub(crate) struct Script<'a> {
    pieces: Vec<&'a [u8]>,
    pub(crate) sent: Vec<u8>,
}

impl<'a> Script<'a> {
    pub(crate) fn new(bytes: &'a [u8], choices: &mut Choices<'_>) -> Script<'a> {
        let mut pieces = pieces(bytes, choices);
        pieces.reverse();
        Script { pieces, sent: Vec::new() }
    }

    pub(crate) fn whole(bytes: &'a [u8]) -> Script<'a> {
        Script { pieces: vec![bytes], sent: Vec::new() }
    }

    /// How many bytes have not been read.
    pub(crate) fn left(&self) -> usize {
        self.pieces.iter().map(|piece| piece.len()).sum()
    }
}

impl Read for Script<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(piece) = self.pieces.last_mut() else { return Ok(0) };
        let got = piece.read(buffer)?;
        if piece.is_empty() {
            self.pieces.pop();
        }
        Ok(got)
    }
}

impl Write for Script<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.sent.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
