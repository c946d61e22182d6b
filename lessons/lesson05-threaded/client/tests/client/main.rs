//! The client against servers that answer, are full, break off, or are not there.
#![expect(clippy::unwrap_used, reason = "a test fails with the line that unwraps")]

mod ask;
mod backoff;
mod program;
mod session;

use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read, Write};
use std::time::Duration;

use endpoint::Expired;

/// What a server without room says.
const BUSY: &[u8] = b"busy: places for clients: 2, all taken; try again later\n";

/// A server that says what it was told to say, whatever it is asked, and ends the stream then.
#[derive(Debug, Default)]
struct Peer {
    /// What each `recv` returns, or how it fails.
    says: VecDeque<io::Result<Vec<u8>>>,
    /// What was sent to it, one entry for each `send`.
    heard: Vec<Vec<u8>>,
}

impl Peer {
    fn saying(pieces: &[&[u8]]) -> Peer {
        Peer::new(pieces.iter().map(|piece| Ok(piece.to_vec())).collect())
    }

    fn new(says: VecDeque<io::Result<Vec<u8>>>) -> Peer {
        Peer { says, heard: Vec::new() }
    }

    fn then(mut self, error: io::Error) -> Peer {
        self.says.push_back(Err(error));
        self
    }
}

impl Read for Peer {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(piece) = self.says.pop_front() else { return Ok(0) };
        let mut piece = piece?;
        let got = (&*piece).read(buffer)?;
        if got < piece.len() {
            self.says.push_front(Ok(piece.split_off(got)));
        }
        Ok(got)
    }
}

impl Write for Peer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.heard.push(bytes.to_vec());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn reset() -> io::Error {
    ErrorKind::ConnectionReset.into()
}

fn silence() -> io::Error {
    Expired::Answer(Duration::from_secs(30)).into()
}

fn frame(payload: &[u8]) -> Vec<u8> {
    let mut frame = Vec::new();
    wire::encode(payload, &mut frame).unwrap();
    frame
}
