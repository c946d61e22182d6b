//! The client's half of what the tutorial's programs put on the wire: the name as it is, and in answer
//! a JSON header with the length (`lenth`) and the MD5, then the file. `{}` says that there is none.
//!
//! What the tutorial's client gets wrong is put right here, and its bytes stay: the MD5 is compared, an
//! empty file is a file, and nothing is written over what is there.

use std::io::{Read, Write};

use partial::Folder;
use serde::Deserialize;
use trace::Observer;
use wire::Md5;

use crate::protocol::HEADER_LIMIT;
use crate::{Error, Moved, Start, Wanted, finish, transfer};

/// How many bytes a name may have: the tutorial's server reads it with one `recv(1024)`.
pub const RECV_SIZE: usize = 1024;

/// What stands before the bytes of a file. Its size in MiB stands there too, rounded; nobody needs it.
#[derive(Debug, Deserialize)]
struct Header {
    lenth: u64,
    md5: String,
}

/// Gets a file into `folder`. `tell` is told how many bytes of how many are here. Where this dialect
/// could go on after a break is not known, so each try begins anew.
///
/// # Errors
/// As for [`crate::get`].
pub fn get(
    stream: &mut (impl Read + Write),
    wanted: &Wanted<'_>,
    folder: &Folder,
    observer: &mut impl Observer,
    tell: &mut dyn FnMut(u64, u64),
) -> Result<Moved, Error> {
    if !wanted.force && folder.holds(wanted.as_name) {
        return Err(Error::Here(wanted.as_name.to_string()));
    }
    if wanted.name.len() > RECV_SIZE {
        return Err(Error::TooLong { length: wanted.name.len() });
    }
    // BROKEN: nothing says where the name ends; the server takes what one recv returns.
    stream.write_all(wanted.name.as_bytes())?;
    observer.sent(wanted.name.as_bytes());
    let header = receive_header(stream, observer)?.ok_or(Error::NotThere)?;
    let mut partial = folder.receive(wanted.as_name, false)?;
    let (size, mut position) = (header.lenth, 0_u64);
    tell(position, size);
    let md5 =
        transfer::receive_file(stream, &mut partial, size, Md5::new(), observer, &mut |bytes| {
            position = position.saturating_add(bytes);
            tell(position, size);
        })?;
    observer.received(&[]);
    let md5 = finish(partial, Ok(header.md5), md5, wanted, None)?;
    Ok(Moved { size, md5, start: Start::Beginning })
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
