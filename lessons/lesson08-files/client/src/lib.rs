//! # Lesson 08: files, the client
//!
//! Everything comes together here: a length in front of each message, a JSON header that says what
//! follows, a body of any size that is never held in memory, its MD5 behind it, and a connection that
//! may break at any byte. Three things can be asked for: [`list`], [`get`], and [`put()`] in `put.rs`.
//! `transfer.rs` moves the bytes, `session.rs` goes on after a break, `protocol.rs` has the words.
//!
//! ```text
//! terminal 1:  cargo run -p lesson08-server
//! terminal 2:  cargo run -p lesson08-client
//!              >>: put Cargo.lock README.md
//!              >>: list
//!              >>: get README.md --into fetched
//! or:          cargo run -p lesson08-client -- get Cargo.lock --into fetched
//!              (end it in the middle with Ctrl-C, and go on with --resume)
//! ```
//!
//! What comes is written to `.NAME.part`, and gets its name when it is whole and its MD5 is right:
//! whatever happens, the name holds the old file, the new one, or nothing.

mod compare;
mod error;
mod local_file;
pub mod protocol;
mod put;
mod session;
pub mod show;
mod talk;
pub mod transfer;
pub mod tutorial;

use std::io::{self, Read, Write};

use partial::{Folder, Name, Partial};
use trace::Observer;
use wire::Md5;

use compare::compare_with_here;
use protocol::{Body, Digest, Done, Entry, Have, Request, Status};
use talk::{hear, hear_alone, say};

pub use error::Error;
pub use local_file::LocalFile;
pub use put::{Target, put};
pub use session::{Attempt, Retries, Session, Trouble};

/// Which file to get, and what to do with what is here already.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// Its name on the server.
    pub name: &'a str,
    /// Its name here.
    pub as_name: &'a Name,
    /// Go on with what has come before, if that is how the file begins.
    pub resume: bool,
    /// Replace a file of that name.
    pub force: bool,
}

/// What became of a file that is now whole on both sides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// How long it is, in bytes.
    pub size: u64,
    /// Its MD5, as both sides have it.
    pub md5: String,
    /// How much of it had to be moved.
    pub start: Start,
}

/// Where the bytes began that were moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// At the first byte.
    Beginning,
    /// At this byte: those before it were there.
    At(u64),
    /// At the first byte, although so many were there: the file does not begin like that.
    Afresh(u64),
    /// Nowhere: the whole file was there.
    Whole,
}

/// The names in a folder of the server's; the empty name is its root. The list has at most `limit`
/// bytes of JSON.
///
/// # Errors
/// When the server refuses, or a message cannot be sent or received.
pub fn list(
    stream: &mut (impl Read + Write),
    folder: &str,
    limit: usize,
    observer: &mut impl Observer,
) -> Result<Vec<Entry>, Error> {
    say(stream, Request::List { name: folder.to_owned() }, observer)?;
    let (Done {}, size) = hear(stream, observer)?;
    let json = wire::read_body(stream, size, limit)?;
    observer.received(&json);
    serde_json::from_slice(&json).map_err(|_| Error::Contradiction("the list is no list"))
}

/// Gets a file into `folder`. `tell` is told how many bytes of how many are here.
///
/// # Errors
/// When the file is not under its name here: [`Error`] says why. What has come so far stays for a later
/// resume, unless it is wrong.
pub fn get(
    stream: &mut (impl Read + Write),
    wanted: &Wanted<'_>,
    folder: &Folder,
    observer: &mut impl Observer,
    tell: &mut dyn FnMut(u64, u64),
) -> Result<Moved, Error> {
    if !wanted.force && folder.holds(wanted.as_name) {
        return compare_with_here(stream, wanted, folder, observer);
    }
    let mut partial = folder.receive(wanted.as_name, wanted.resume)?;
    let had = partial.length();
    let begun = partial.md5(&|| true).map_err(keep)?;
    let have = (had > 0).then(|| Have { length: had, md5: begun.clone().finish() });
    say(stream, Request::Get { name: wanted.name.to_owned(), have }, observer)?;
    let (body, size) = hear::<Body>(stream, observer)?;
    // From where we are, or from the beginning: nothing else can be understood.
    let fits = body.from == 0 || body.from == had;
    if !fits || body.from.checked_add(size) != Some(body.file_size) {
        return Err(Error::Contradiction("the sizes of what it sends do not add up"));
    }
    partial.start_at(body.from).map_err(keep)?;
    let begun = if body.from == 0 { Md5::new() } else { begun };
    let mut position = body.from;
    tell(position, body.file_size);
    let md5 = transfer::receive_file(stream, &mut partial, size, begun, observer, &mut |bytes| {
        position = position.saturating_add(bytes);
        tell(position, body.file_size);
    })?;
    let announced = hear_alone::<Digest>(stream, observer).map(|digest| digest.md5);
    let md5 = finish(partial, announced, md5, wanted, body.modified)?;
    Ok(Moved { size: body.file_size, md5, start: Start::new(body.from, had) })
}

/// Gives the file its name if its MD5 is the one that the server says, and throws it away if not.
fn finish(
    partial: Partial,
    announced: Result<String, Error>,
    md5: String,
    wanted: &Wanted<'_>,
    modified: Option<i64>,
) -> Result<String, Error> {
    match announced {
        Ok(announced) if announced == md5 => {
            partial.publish(wanted.force, modified)?;
            Ok(md5)
        }
        Ok(announced) => {
            partial.discard();
            Err(Error::WrongDigest { announced, actual: md5 })
        }
        Err(Error::Refused(no)) => {
            // There may be zeros in it, where bytes of the server's file were missing.
            partial.discard();
            Err(if no.status == Status::Changed { Error::Changed } else { Error::Refused(no) })
        }
        // The connection broke behind the last byte. All is here for a resume to verify.
        Err(error) => Err(error),
    }
}

fn keep(error: io::Error) -> Error {
    Error::Keep(error.into())
}

impl Start {
    fn new(from: u64, had: u64) -> Start {
        match (from, had) {
            (0, 0) => Start::Beginning,
            (0, had) => Start::Afresh(had),
            (from, _) => Start::At(from),
        }
    }
}
