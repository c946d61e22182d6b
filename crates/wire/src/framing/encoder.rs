//! Writes messages so that whoever reads them knows where each one ends.

use std::io::Write;

use memchr::memmem;
use serde_json::{Map, Value};

use crate::error::{Error, Result};
use crate::framing::Framing;

impl Framing {
    /// Appends one message, with what says where it ends, to `out`.
    ///
    /// With `line` it is sent with `\n`. With `none` and `end` it is sent as it is: then an empty
    /// message is nothing at all, and with `end` it ends when the stream is closed.
    ///
    /// # Errors
    /// [`Error::TooLong`] or [`Error::TooLongForLength`] for a message too long for its length;
    /// [`Error::HoldsEndMark`] for one that would end before its own end: with `line` that is also
    /// one with a carriage return as its last byte. `out` is then as before.
    pub fn encode(&self, message: &[u8], out: &mut Vec<u8>) -> Result<()> {
        self.encode_with(&Map::new(), message, out)
    }

    /// Encodes like [`encode`](Self::encode), with more fields for the JSON header, which other
    /// framings do not have. The field for the length is set to the message's.
    ///
    /// # Errors
    /// Those of [`encode`](Self::encode); [`Error::Unserializable`].
    pub fn encode_with(
        &self,
        fields: &Map<String, Value>,
        message: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<()> {
        let begin = out.len();
        let result = match self {
            Self::None | Self::End => Ok(()),
            Self::Length(length) => length.encode(message.len(), out),
            Self::Digits(digits) => digits.encode(message.len(), out),
            Self::Line => check_mark(message, b"\n").and_then(|()| match message {
                [.., b'\r'] => Err(Error::HoldsEndMark { at: message.len() - 1 }),
                _ => Ok(()),
            }),
            Self::Until(mark) => check_mark(message, mark.bytes()),
            Self::Json { length, field } => {
                let mut fields = fields.clone();
                fields.insert(field.clone(), message.len().into());
                let json = serde_json::to_vec(&fields).map_err(Error::Unserializable)?;
                length.encode(json.len(), out).map(|()| out.extend(json))
            }
        };
        result.inspect_err(|_| out.truncate(begin))?;
        out.extend_from_slice(message);
        match self {
            Self::Line => out.push(b'\n'),
            Self::Until(mark) => out.extend_from_slice(mark.bytes()),
            _ => {}
        }
        Ok(())
    }

    /// Writes one message in a single `write` call (more only if the writer takes less), and
    /// flushes.
    ///
    /// # Errors
    /// Those of [`encode`](Self::encode), before anything is written; [`Error::Io`].
    pub fn write(&self, writer: &mut impl Write, message: &[u8]) -> Result<()> {
        let mut bytes = Vec::new();
        self.encode(message, &mut bytes)?;
        writer.write_all(&bytes)?;
        writer.flush()?;
        Ok(())
    }
}

/// Whether the first end mark in what is sent is the one behind the message. The message's last
/// bytes can make one together with the mark's first: `a` and `aa` are `aaa`.
fn check_mark(message: &[u8], mark: &[u8]) -> Result<()> {
    let inside = memmem::find(message, mark);
    let overlap = mark.len().saturating_sub(1).min(message.len());
    let across = || {
        let begin = message.len() - overlap;
        let seam = [message.get(begin..).unwrap_or_default(), mark].concat();
        memmem::find(&seam, mark).map(|at| begin + at).filter(|at| *at < message.len())
    };
    match inside.or_else(across) {
        Some(at) => Err(Error::HoldsEndMark { at }),
        None => Ok(()),
    }
}
