//! # Lesson 08: files, the client
//!
//! Everything comes together here: a length in front of each message, a JSON header that says what
//! follows, a body of any size that is never held in memory, its MD5 behind it, and a connection that
//! may break at any byte. Read what both ends share, `protocol.rs` and `transfer.rs`; then [`list`] and
//! [`get`] here, and [`put()`] in `put.rs`.
//!
//! ```text
//! terminal 1:  cargo run -p lesson08-server
//! terminal 2:  cargo run -p lesson08-client
//!              >>: put Cargo.lock README.md
//!              >>: list
//!              >>: get README.md --into fetched
//! ```
//!
//! What comes is written to `.NAME.part`, and gets its name when it is complete and its MD5 is right:
//! whatever happens, the name holds the old file, the new one, or nothing.

mod error;
mod exchange;
mod put;
pub mod tutorial;

use std::io::{self, Read, Write};

use lesson08_shared::protocol::{Content, Digest, Done, Entry, Prefix, Request, Status, send};
use lesson08_shared::transfer::receive_file;
use partial::{Folder, Name};
use trace::Observer;

pub use error::Error;
pub use exchange::{Moved, Transfer};
use exchange::{compare, receive, receive_bodyless};
pub use put::put;

/// The names in a folder of the server, in at most `limit` bytes of JSON; the empty name is its root.
///
/// # Errors
/// When the server refuses, or a message cannot be sent or received.
pub fn list(
    stream: &mut (impl Read + Write),
    folder: &str,
    limit: usize,
    observer: &mut impl Observer,
) -> Result<Vec<Entry>, Error> {
    send(stream, Request::List { name: folder.to_owned() }, observer)?;
    let (Done {}, size) = receive(stream, observer)?;
    let json = wire::read_body(stream, size, limit)?;
    observer.received(&json);
    serde_json::from_slice(&json).map_err(|_| Error::Contradiction("the list is no list"))
}

/// Gets a file into `folder`, there to be called `as_name`. `progress` is told how many bytes of how
/// many are here.
///
/// # Errors
/// When the file is not under its name here: [`Error`] says why. What has come so far stays for a later
/// resume, unless it is wrong.
pub fn get(
    stream: &mut (impl Read + Write),
    transfer: &Transfer<'_>,
    folder: &Folder,
    as_name: &Name,
    observer: &mut impl Observer,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Moved, Error> {
    if !transfer.force && folder.holds(as_name) {
        if !transfer.resume {
            return Err(Error::Exists(as_name.to_string()));
        }
        let mut source = folder.read(as_name)?;
        let md5 = source.md5(&|| true).map_err(keep)?.finish();
        let ours = Prefix { length: source.length(), md5 };
        return compare(stream, transfer.name, ours, observer);
    }
    let mut partial = folder.receive(as_name, transfer.resume)?;
    let had = partial.length();
    let have = partial.prefix(had, &|| true).map_err(keep)?;
    let have = have.map(|(length, md5)| Prefix { length, md5 });
    send(stream, Request::Get { name: transfer.name.to_owned(), have }, observer)?;
    let (Content { file_size, modified, from }, size) = receive(stream, observer)?;
    let is_known = from == 0 || from == had;
    if !is_known || from.checked_add(size) != Some(file_size) {
        return Err(Error::Contradiction("the sizes of what it sends do not add up"));
    }
    if file_size > transfer.max_size {
        return Err(Error::TooLarge(file_size, transfer.max_size));
    }
    let begun = partial.start_at(from).map_err(keep)?;
    let mut progress = |position| progress(position, file_size);
    progress(from);
    let rest = from..file_size;
    let md5 = receive_file(stream, &mut partial, rest, begun, observer, &mut progress)?;

    match receive_bodyless::<Digest>(stream, observer) {
        Ok(digest) if digest.md5 == md5 => {
            partial.publish(transfer.force, modified)?;
            Ok(Moved { size: file_size, md5, had, from: Some(from) })
        }
        Ok(digest) => {
            partial.discard();
            Err(Error::WrongDigest { announced: digest.md5, actual: md5 })
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
