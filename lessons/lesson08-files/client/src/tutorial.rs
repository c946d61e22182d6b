//! The client's half of what the tutorial's programs put on the wire: the name as it is, and in answer
//! a JSON header with the length (`lenth`) and the MD5, then the file. `{}` says that there is none.
//!
//! What the tutorial's client gets wrong is put right here, and its bytes stay: the MD5 is compared, an
//! empty file is a file, and nothing is written over what is there.

use std::io::{Read, Write};

use lesson08_shared::protocol::HEADER_LIMIT;
use lesson08_shared::transfer::receive_file;
use partial::{Folder, Name};
use serde::Deserialize;
use trace::Observer;
use wire::Md5;

use crate::error::Error;
use crate::exchange::{Moved, Transfer};

/// The most bytes that a name may have: the tutorial's server reads it with one `recv(1024)`.
pub const RECV_SIZE: usize = 1024;

/// What stands before the bytes of a file. Its size in MiB stands there too, rounded; nobody needs it.
#[derive(Debug, Deserialize)]
struct Header {
    lenth: u64,
    md5: String,
}

/// Gets a file into `folder`, there to be called `as_name`. `progress` is told how many bytes of how
/// many are here. Where this dialect could go on after a break is not known, so each try begins anew.
///
/// # Errors
/// As for [`crate::get`].
pub fn get(
    stream: &mut (impl Read + Write),
    transfer: &Transfer<'_>,
    folder: &Folder,
    as_name: &Name,
    observer: &mut impl Observer,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Moved, Error> {
    let Transfer { name, force, max_size, .. } = *transfer;
    if !force && folder.holds(as_name) {
        return Err(Error::Exists(as_name.to_string()));
    }
    if name.len() > RECV_SIZE {
        return Err(Error::NameTooLong(name.len(), RECV_SIZE));
    }
    // BROKEN: nothing says where the name ends; the server takes what one recv returns.
    stream.write_all(name.as_bytes()).map_err(wire::Error::Io)?;
    observer.sent(name.as_bytes());
    let header = receive_header(stream, observer)?.ok_or(Error::NotThere)?;
    if header.lenth > max_size {
        return Err(Error::TooLarge(header.lenth, max_size));
    }
    let mut partial = folder.receive(as_name, false)?;
    let (size, announced) = (header.lenth, header.md5);
    let mut progress = |position| progress(position, size);
    progress(0);
    let actual = receive_file(stream, &mut partial, 0..size, Md5::new(), observer, &mut progress)?;
    observer.received(&[]);
    if announced != actual {
        partial.discard();
        return Err(Error::WrongDigest { announced, actual });
    }
    partial.publish(force, None)?;
    Ok(Moved { size, md5: actual, had: 0, from: Some(0) })
}

/// Receives a header; `None` for the empty one.
fn receive_header(
    stream: &mut impl Read,
    observer: &mut impl Observer,
) -> Result<Option<Header>, Error> {
    let json = wire::read_frame(stream, HEADER_LIMIT)?.ok_or(Error::Ended)?;
    observer.received(&json);
    if json.trim_ascii() == b"{}" {
        return Ok(None);
    }
    let no_header = |_| Error::Contradiction("what should be a header has no `lenth` and `md5`");
    serde_json::from_slice(&json).map(Some).map_err(no_header)
}
