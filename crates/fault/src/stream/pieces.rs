//! Pieces of a stream in a row, each with the time at which it leaves.

use std::collections::VecDeque;
use std::time::Instant;

use super::{Out, What};

/// All bytes lie in one buffer: a stream in pieces of one byte costs a few bytes for each, and not
/// an allocation.
#[derive(Debug, Default)]
pub(crate) struct Pieces {
    bytes: VecDeque<u8>,
    pieces: VecDeque<(Instant, Piece)>,
}

#[derive(Debug, Clone, Copy)]
enum Piece {
    Bytes(usize),
    More(usize),
    End,
    Reset,
}

impl Pieces {
    /// Adds a piece at the end, or to the piece that is there if it is [`What::More`] of that one.
    /// No bytes are no piece.
    pub(crate) fn add(&mut self, due: Instant, what: What<'_>) {
        let bytes = what.bytes().unwrap_or_default();
        self.bytes.extend(bytes);
        let piece = match what {
            What::Bytes([]) | What::More([]) => return,
            What::Bytes(_) => Piece::Bytes(bytes.len()),
            What::More(_) => match self.pieces.back_mut() {
                Some((last, Piece::Bytes(length) | Piece::More(length))) if *last == due => {
                    *length += bytes.len();
                    return;
                }
                // The piece before has left already, or leaves at another time.
                _ => Piece::More(bytes.len()),
            },
            What::End => Piece::End,
            What::Reset => Piece::Reset,
        };
        self.pieces.push_back((due, piece));
    }

    /// Hands over all pieces in order.
    pub(crate) fn each(mut self, mut hand: impl FnMut(Instant, What<'_>)) {
        let mut rest: &[u8] = self.bytes.make_contiguous();
        let mut take = |length: usize| {
            let (bytes, after) = rest.split_at(length.min(rest.len()));
            rest = after;
            bytes
        };
        for (due, piece) in self.pieces {
            match piece {
                Piece::Bytes(length) => hand(due, What::Bytes(take(length))),
                Piece::More(length) => hand(due, What::More(take(length))),
                Piece::End => hand(due, What::End),
                Piece::Reset => hand(due, What::Reset),
            }
        }
    }

    /// Takes the first piece.
    pub(crate) fn pop(&mut self) -> Option<Out> {
        let (_, piece) = self.pieces.pop_front()?;
        Some(match piece {
            Piece::Bytes(length) | Piece::More(length) => {
                Out::Bytes(self.bytes.drain(..length.min(self.bytes.len())).collect())
            }
            Piece::End => Out::End,
            Piece::Reset => Out::Reset,
        })
    }

    /// When the first piece leaves.
    pub(crate) fn due(&self) -> Option<Instant> {
        self.pieces.front().map(|&(due, _)| due)
    }

    /// How many bytes there are in all pieces.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes.len()
    }
}
