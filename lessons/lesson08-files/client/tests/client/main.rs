//! The client against servers that answer, refuse, lie, break off, or are not there.
#![expect(clippy::unwrap_used, reason = "a test fails with the line that unwraps")]

mod get;
mod list;
mod printed;
mod put;
mod retries;
mod tutorial;
#[path = "../words/mod.rs"]
mod words;

// Parts of the program, which is no library; not all of each is tried here.
#[path = "../../src/program/failure.rs"]
#[expect(dead_code)]
mod failure;
#[path = "../../src/program/session.rs"]
#[expect(dead_code)]
mod session;
#[path = "../../src/program/show.rs"]
mod show;

use std::io::{self, Cursor, ErrorKind, Read, Write};
use std::time::Duration;

use endpoint::Expired;
use lesson08_shared::protocol::{HEADER_LIMIT, Message, Prefix, Request};
use partial::Folder;
use tempfile::TempDir;
use wire::md5_hex;

use words::{assert_files, digest, file, files, header, no, ok};

/// A server that says what it was told to say, whatever it is asked, and then ends the stream.
#[derive(Debug, Default)]
struct Peer {
    says: Cursor<Vec<u8>>,
    heard: Vec<u8>,
    /// How many bytes it takes before it breaks off; without a number, all of them.
    takes: Option<usize>,
    /// Whether it falls silent behind what it says, until the client's wait is over.
    falls_silent: bool,
}

impl Peer {
    fn saying(messages: &[Vec<u8>]) -> Peer {
        Peer { says: Cursor::new(messages.concat()), ..Peer::default() }
    }

    /// What was asked first.
    fn asked(&self) -> Request {
        let mut heard = &*self.heard;
        wire::read_header::<Message<Request>>(&mut heard, HEADER_LIMIT).unwrap().unwrap().fields
    }
}

impl Read for Peer {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.says.read(buffer)? {
            0 if self.falls_silent => Err(Expired::Answer(Duration::from_secs(10)).into()),
            got => Ok(got),
        }
    }
}

impl Write for Peer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = self.takes.map_or(bytes.len(), |takes| takes.saturating_sub(self.heard.len()));
        if room == 0 {
            return Err(ErrorKind::BrokenPipe.into());
        }
        let taken = bytes.len().min(room);
        self.heard.extend(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn have(content: &[u8]) -> Prefix {
    Prefix { length: content.len() as u64, md5: md5_hex(content) }
}

/// An empty folder, and where it is.
fn folder() -> (Folder, TempDir) {
    let place = tempfile::tempdir().unwrap();
    (Folder::open(place.path()).unwrap(), place)
}
