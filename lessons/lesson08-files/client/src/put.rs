//! To put a file on the server: ask, agree where to begin, send, and receive what became of it.

use std::io::{BufWriter, Read, Write};

use lesson08_shared::protocol::{Digest, Done, Message, Offset, Prefix, Put, Ready, Refusal};
use lesson08_shared::protocol::{Reply, Request, Status, send};
use lesson08_shared::transfer::{DEADLINE_CHUNK, send_file};
use partial::Source;
use trace::Observer;
use wire::Md5;

use crate::error::Error;
use crate::exchange::{Moved, Transfer, compare, receive_bodyless};

/// Puts a file on the server. `is_readable` says whether the server has sent something: in the middle
/// of a file that is a refusal. `progress` is told how many bytes of how many have gone there.
///
/// # Errors
/// When the file is not under its name on the server: [`Error`] says why.
pub fn put<S: Read + Write>(
    stream: &mut S,
    source: &mut Source,
    transfer: &Transfer<'_>,
    is_readable: fn(&S) -> bool,
    observer: &mut impl Observer,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Moved, Error> {
    let (Transfer { resume, force, .. }, name) = (*transfer, transfer.name.to_owned());
    let (file_size, modified) = (source.length(), source.modified());
    send(stream, Request::Put(Put { name, file_size, modified, force, resume }), observer)?;
    let have = match receive_bodyless::<Ready>(stream, observer) {
        Ok(ready) => ready.have,
        // The file is there already if a connection broke after the last byte of a put.
        Err(Error::Refused(no)) if resume && no.status == Status::Exists => {
            let md5 = source.md5(&|| true).map_err(Error::Read)?.finish();
            let ours = Prefix { length: file_size, md5 };
            return compare(stream, transfer.name, ours, observer);
        }
        Err(error) => return Err(error),
    };
    let have = have.as_ref().map(|have| (have.length, have.md5.as_str()));
    let (from, md5) = source.resume_at(have, &|| true).map_err(Error::Read)?;
    let sent = match send_rest(stream, source, (from, md5), is_readable, observer, progress) {
        // A server that hung up may have said why; one that was too slow to read says nothing.
        Err(error) if !matches!(error, Error::Ended | Error::Broken(_)) => return Err(error),
        sent => sent,
    };
    match (sent, receive_bodyless::<Done>(stream, observer)) {
        (Ok(Some(md5)), Ok(Done {})) => {
            let had = have.map_or(0, |(length, _)| length);
            Ok(Moved { size: file_size, md5, had, from: Some(from) })
        }
        (Ok(None), _) => Err(Error::Changed),
        (_, Err(Error::Refused(no))) => Err(Error::RefusedMidway(no)),
        (Err(error), _) | (_, Err(error)) => Err(error),
    }
}

/// Sends the file from an offset on, a header before the bytes and the MD5 behind them, and returns the
/// MD5; `md5` is that of the bytes that are not sent. `None` if the file changed meanwhile, and the
/// server has been told so.
fn send_rest<S: Write>(
    stream: &mut S,
    source: &mut Source,
    (from, md5): (u64, Md5),
    is_readable: fn(&S) -> bool,
    observer: &mut impl Observer,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Option<String>, Error> {
    let file_size = source.length();
    // The header leaves with the first bytes, and the MD5 with the last. A small segment of their own
    // would hold up the next one until it is acknowledged (Nagle's algorithm), and the acknowledgement
    // waits for an answer to travel with: 40 ms on Linux.
    let mut stream = BufWriter::with_capacity(DEADLINE_CHUNK, stream);
    let header = Message { fields: Offset { from }, size: file_size - from };
    stream.write_all(&wire::encode_header(&header)?).map_err(wire::Error::Io)?;
    progress(from, file_size);
    let mut should_continue = |stream: &&mut S, position| {
        progress(position, file_size);
        !is_readable(stream)
    };
    match send_file(&mut stream, source, from..file_size, md5, observer, &mut should_continue)? {
        // The server hangs up, once it has said why.
        None if is_readable(stream.get_ref()) => Err(Error::Ended),
        Some(md5) if source.is_unchanged() => {
            send(&mut stream, Reply::ok(Digest { md5: md5.clone() }), observer)?;
            Ok(Some(md5))
        }
        _ => {
            let changed = Refusal::new(Status::Changed, Error::Changed.to_string());
            send(&mut stream, Reply::<Digest>::refused(changed), observer)?;
            Ok(None)
        }
    }
}
