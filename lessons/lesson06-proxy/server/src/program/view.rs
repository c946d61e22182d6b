//! What is shown of the bytes: pieces, as they came, and messages, however they were cut.

use fault::stream::Direction;
use trace::framed::Framed;
use trace::frames::{Found, Frames};
use wire::FramingPair;

/// What is shown of the bytes, `--quiet` or not: who asks for it wants to see it.
#[derive(Debug, Clone, Default)]
pub(crate) struct View {
    /// Whether each piece is shown, as it came.
    pub(crate) hex: bool,
    /// Which messages are shown, however they were cut.
    pub(crate) messages: Option<Messages>,
}

/// Which messages are shown.
#[derive(Debug, Clone)]
pub(crate) enum Messages {
    /// This project's frames and JSON headers.
    Frames,
    /// Messages of any framing.
    Framed(FramingPair),
}

/// Finds the messages of one direction.
#[derive(Debug)]
pub(crate) enum Finder {
    /// No messages are asked for.
    None,
    /// This project's frames and JSON headers.
    Frames(Frames),
    /// Messages of any framing.
    Framed(Box<Framed>),
}

impl Finder {
    /// A finder of messages of at most `limit` bytes.
    pub(crate) fn new(view: &View, direction: Direction, limit: usize) -> Finder {
        let framing = match (&view.messages, direction) {
            (None, _) => return Finder::None,
            (Some(Messages::Frames), _) => return Finder::Frames(Frames::new(limit)),
            (Some(Messages::Framed(pair)), Direction::Up) => &pair.request,
            (Some(Messages::Framed(pair)), Direction::Down) => &pair.answer,
        };
        Finder::Framed(Box::new(Framed::new(framing, limit)))
    }

    /// Looks at the next piece.
    pub(crate) fn push(&mut self, piece: &[u8], found: &mut dyn FnMut(Found<'_>)) {
        match self {
            Finder::None => {}
            Finder::Frames(frames) => frames.push(piece, found),
            Finder::Framed(framed) => framed.push(piece, found),
        }
    }

    /// Tells of a message that only the end of the stream has ended.
    ///
    /// # Errors
    /// What is missing of a message.
    pub(crate) fn finish(&mut self, found: &mut dyn FnMut(Found<'_>)) -> wire::Result<()> {
        match self {
            Finder::None => Ok(()),
            Finder::Frames(frames) => frames.finish(),
            Finder::Framed(framed) => framed.finish(found),
        }
    }
}
