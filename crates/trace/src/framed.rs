//! Messages of any framing, wherever the stream is cut.
//!
//! ```text
//! >I      ┌ 00 00 00 05  h e l ┐ ┌ l o  00 00 ┐     frame of 5 bytes "hello"
//! line    ┌ h e l ┐ ┌ l o \n ┐                      frame of 5 bytes "hello"
//! ```
//!
//! As [`frames`](crate::frames) does for this project's own, this view keeps no more than it shows of
//! a message whose length was announced. One that a mark ends is kept up to 64 KiB, and a longer one
//! is taken for something else.

use wire::{Decoder, Error, Framing};

use crate::frames::{BODY_KEPT, Found, HEADER_LIMIT};

/// Finds the messages in one direction of a connection.
#[derive(Debug)]
pub struct Framed {
    decoder: Decoder,
    is_lost: bool,
}

impl Framed {
    /// At the beginning of a stream. A message above `limit` bytes is taken for something else.
    pub fn new(framing: &Framing, limit: usize) -> Framed {
        let limit = match framing {
            Framing::Line | Framing::Until(_) => limit.min(HEADER_LIMIT),
            _ => limit,
        };
        let decoder = Decoder::new(framing, limit).keeping(BODY_KEPT);
        Framed { decoder, is_lost: false }
    }

    /// Looks at the next piece. A message is found when all of it has come.
    pub fn push(&mut self, mut piece: &[u8], found: &mut dyn FnMut(Found<'_>)) {
        while !self.is_lost {
            // Of a message that began in another piece only the start was kept.
            let announced = self.decoder.announced();
            match self.decoder.decode(&mut piece) {
                Ok(None) => return,
                Ok(Some(message)) => {
                    let length = announced.unwrap_or(message.len());
                    let start = message.get(..BODY_KEPT).unwrap_or(message).to_vec();
                    self.tell(length, &start, found);
                }
                Err(error) => self.lose(error, found),
            }
        }
    }

    /// Tells of a message that only the end of the stream has ended.
    ///
    /// # Errors
    /// Those of [`Decoder::finish`] inside a message.
    pub fn finish(&mut self, found: &mut dyn FnMut(Found<'_>)) -> wire::Result<()> {
        if self.is_lost {
            return Ok(());
        }
        let length = usize::try_from(self.decoder.position()).unwrap_or(usize::MAX);
        if let Some(start) = self.decoder.finish()? {
            found(Found::Frame { length, start });
        }
        Ok(())
    }

    fn tell(&self, length: usize, start: &[u8], found: &mut dyn FnMut(Found<'_>)) {
        match self.decoder.header() {
            [] => found(Found::Frame { length, start }),
            json => {
                found(Found::Header { length: json.len(), json });
                found(Found::Body { length: length as u64, start });
            }
        }
    }

    fn lose(&mut self, error: Error, found: &mut dyn FnMut(Found<'_>)) {
        self.is_lost = true;
        found(Found::Lost(error));
    }
}
