//! The readers: for each framing one that takes what one recv returns for all that it wanted, and one
//! that reads on.

use std::io::Read;

use fault::{Sizes, SlicedReads};
use language::text;
use trace::{Messages, Observer};
use wire::{Decoder, FrameReader, Framing};

use super::settings::Which;
use crate::comparison::{Code, ReadError};
use crate::loopback::MAX_MESSAGE;
use crate::play::code::receive_with_one_recv;
use crate::play::stream::{Outcome, Stream};

/// One side's way to read.
pub(super) struct Reader<'a> {
    framing: &'a Framing,
    which: Which,
    reads: &'a [usize],
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Lesson 02: what one recv returns is a message.
    Lesson02,
    /// Lesson 03: a 4-byte length, and recv in a loop.
    Lesson03,
    /// The tutorial's: one recv for a length, and one for the message.
    OneRecvForFour,
    /// The same with any other announced length.
    OneRecvForEachPart,
    /// One recv is a message, and the mark at its end is taken off.
    OneRecvForAMessage,
    /// `wire`'s decoder, which does not mind where the stream is cut.
    Wire,
}

impl<'a> Reader<'a> {
    pub(super) fn of(framing: &'a Framing, which: Which, reads: &'a [usize]) -> Reader<'a> {
        let is_frame = *framing == Framing::FRAME;
        let kind = match (framing, which) {
            (Framing::None, _) => Kind::Lesson02,
            (_, Which::Fixed) if is_frame => Kind::Lesson03,
            (_, Which::Fixed) => Kind::Wire,
            (_, Which::Broken) if is_frame => Kind::OneRecvForFour,
            (framing, Which::Broken) => match announced_width(framing) {
                Some(_) => Kind::OneRecvForEachPart,
                None => Kind::OneRecvForAMessage,
            },
        };
        Reader { framing, which, reads, kind }
    }

    /// Whose code it is, and what that does.
    pub(super) fn code(&self) -> Code {
        let words = match self.kind {
            Kind::Lesson02 => text!("lesson02: no length"),
            Kind::Lesson03 => text!("lesson03: 4-byte length"),
            Kind::OneRecvForFour => text!("one recv(4) for a length"),
            Kind::OneRecvForEachPart => text!("%{framing}: one recv for each part"),
            Kind::OneRecvForAMessage => text!("%{framing}: one recv for a message"),
            Kind::Wire => text!("%{framing}: read by wire"),
        };
        let framing = words.contains("%{framing}").then(|| self.framing.to_string());
        Code { badge: Some(self.which.badge()), framing, ..Code::plain(words) }
    }

    /// How the network cuts what arrives. A reader that asks for what it needs meets pieces of the sizes
    /// that were set; for the others these are the sizes of their own recv calls, and nothing else is cut.
    pub(super) fn cuts(&self) -> Sizes {
        match self.kind {
            Kind::Lesson03 | Kind::OneRecvForFour | Kind::OneRecvForEachPart => {
                Sizes::listed(self.reads.to_vec())
            }
            Kind::Lesson02 | Kind::OneRecvForAMessage | Kind::Wire => Sizes::every(MAX_MESSAGE),
        }
    }

    /// Reads messages until the stream has ended.
    pub(super) fn read(&self, stream: &mut Stream, observer: &mut Messages) -> Outcome {
        match self.kind {
            Kind::Lesson02 => {
                let largest = self.largest_read();
                Ok(lesson02_server::converse(
                    &mut self.sliced(stream),
                    largest,
                    |_| None,
                    observer,
                )?)
            }
            Kind::Lesson03 => {
                Ok(lesson03_server::converse(stream, MAX_MESSAGE, |_| None, observer)?)
            }
            Kind::OneRecvForFour => receive_with_one_recv(stream, observer),
            Kind::OneRecvForEachPart => self.one_recv_for_each_part(stream, observer),
            Kind::OneRecvForAMessage => self.one_recv_for_a_message(stream, observer),
            Kind::Wire => {
                let sliced = self.sliced(stream);
                let mut messages = FrameReader::new(sliced, self.framing, MAX_MESSAGE);
                while let Some(message) = messages.next_frame()? {
                    observer.received(message);
                }
                Ok(())
            }
        }
    }

    /// The stream as a program sees it that asks for these sizes: the recorder sees what it asks for.
    fn sliced<'s>(&self, stream: &'s mut Stream) -> SlicedReads<&'s mut Stream> {
        SlicedReads::new(stream, Sizes::listed(self.reads.to_vec()))
    }

    fn largest_read(&self) -> usize {
        self.reads.iter().copied().max().unwrap_or(1)
    }

    fn one_recv_for_each_part(&self, stream: &mut Stream, observer: &mut Messages) -> Outcome {
        let width = announced_width(self.framing).unwrap_or(0);
        loop {
            // BROKEN: one recv is taken for the whole length.
            let header = one_recv(stream, width)?;
            if header.is_empty() {
                return Ok(());
            }
            if header.len() < width {
                return Err(ReadError::ShortLength(header.len()).into());
            }
            let mut decoder = Decoder::new(self.framing, MAX_MESSAGE);
            let mut rest = header.as_slice();
            if let Some(message) = decoder.decode(&mut rest)? {
                observer.received(message);
                continue;
            }
            if let Framing::Json { length, .. } = self.framing {
                let mut only_length = Decoder::new(&Framing::Length(*length), MAX_MESSAGE);
                _ = only_length.decode(&mut header.as_slice())?;
                // BROKEN: one recv is taken for the whole JSON header.
                let json = one_recv(stream, only_length.announced().unwrap_or(0))?;
                if let Some(message) = decoder.decode(&mut json.as_slice())? {
                    observer.received(message);
                    continue;
                }
            }
            let Some(length) = decoder.announced() else {
                return Err(ReadError::PieceOfJson.into());
            };
            // BROKEN: and one recv for all of the message.
            observer.received(&one_recv(stream, length)?);
        }
    }

    fn one_recv_for_a_message(&self, stream: &mut Stream, observer: &mut Messages) -> Outcome {
        let largest = self.largest_read();
        let mut stream = self.sliced(stream);
        loop {
            // BROKEN: one recv is taken for one message, wherever its end mark is.
            let piece = one_recv(&mut stream, largest)?;
            if piece.is_empty() {
                return Ok(());
            }
            observer.received(without_marks(self.framing, &piece));
        }
    }
}

fn one_recv(stream: &mut impl Read, most: usize) -> std::io::Result<Vec<u8>> {
    let mut bytes = vec![0; most];
    let got = stream.read(&mut bytes)?;
    bytes.truncate(got);
    Ok(bytes)
}

/// How many bytes announce a message, if that is the same for every message.
fn announced_width(framing: &Framing) -> Option<usize> {
    match framing {
        Framing::Length(length) | Framing::Json { length, .. } => Some(length.width()),
        Framing::Digits(digits) => digits.width(),
        Framing::None | Framing::Line | Framing::Until(_) | Framing::End => None,
    }
}

/// What is left when the mark at the end is taken off, or the digits in front.
fn without_marks<'b>(framing: &Framing, piece: &'b [u8]) -> &'b [u8] {
    match framing {
        Framing::Line => {
            let line = piece.strip_suffix(b"\n").unwrap_or(piece);
            line.strip_suffix(b"\r").unwrap_or(line)
        }
        Framing::Until(mark) => piece.strip_suffix(mark.bytes()).unwrap_or(piece),
        Framing::Digits(_) => {
            // The digits, and the mark behind them, which has no digit at its beginning.
            let mut decoder = Decoder::new(framing, MAX_MESSAGE);
            let at = (1..=piece.len()).find(|&at| {
                let mut start = piece.get(at - 1..at).unwrap_or_default();
                !matches!(decoder.decode(&mut start), Ok(None)) || decoder.announced().is_some()
            });
            at.and_then(|at| piece.get(at..)).unwrap_or(piece)
        }
        _ => piece,
    }
}
