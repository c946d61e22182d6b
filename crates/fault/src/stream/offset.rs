//! A place in a stream, at which a fault fires.

use std::fmt;

use super::fault::StreamEvent;

/// The place behind the first so many bytes of a stream.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Offset {
    bytes: u64,
    /// How many of these bytes have not passed yet.
    left: u64,
}

impl Offset {
    pub(crate) fn new(bytes: u64) -> Offset {
        Offset { bytes, left: bytes }
    }

    /// Cuts the next event of the stream at this place: what lies before it, and what lies behind.
    pub(crate) fn cut<'a>(&mut self, event: StreamEvent<'a>) -> [Option<StreamEvent<'a>>; 2] {
        let Some(bytes) = event.bytes() else {
            return if self.is_reached() { [None, Some(event)] } else { [Some(event), None] };
        };
        let before = usize::try_from(self.left).unwrap_or(usize::MAX).min(bytes.len());
        self.left -= before as u64;
        let (before, behind) = bytes.split_at(before);
        [before, behind].map(|bytes| (!bytes.is_empty()).then(|| event.with(bytes)))
    }

    /// Whether all that lies before it has passed.
    pub(crate) fn is_reached(&self) -> bool {
        self.left == 0
    }
}

/// `after 100 bytes`.
impl fmt::Display for Offset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let s = if self.bytes == 1 { "" } else { "s" };
        write!(f, "after {} byte{s}", self.bytes)
    }
}
