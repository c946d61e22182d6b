//! Takes a file from a client, and gives it its name when it is complete and has the right MD5.
//!
//! A put that breaks off, because a cable or a program does, stays in `.NAME.part` for `--resume`;
//! one that is refused is removed, because what is wrong with it does not get right by going on.

use std::io::{Read, Write};
use std::ops::Range;

use lesson08_shared::protocol::{Digest, Done, HEADER_LIMIT, Message, Offset, Prefix, Put, Ready};
use lesson08_shared::protocol::{Refusal, Reply, Status, send};
use lesson08_shared::transfer::{self, receive_file};
use partial::{Name, Partial};

use crate::exchange::{Error, Outcome, Store, TransferObserver, receive, refusal};

/// Takes one file.
pub(crate) fn put(
    stream: &mut (impl Read + Write),
    store: &Store,
    put: &Put,
    observer: &mut impl TransferObserver,
) -> Result<Outcome, Error> {
    let mut partial = admit(store, put)?;
    let have = partial.prefix(put.file_size, &|| observer.should_continue()).map_err(refusal)?;
    let have = have.map(|(length, md5)| Prefix { length, md5 });
    send(stream, Reply::ok(Ready { have }), observer)?;
    match receive_rest(stream, &mut partial, put, observer) {
        Ok(rest) => {
            partial.publish(put.force, put.modified).map_err(refusal)?;
            send(stream, Reply::ok(Done {}), observer)?;
            Ok(Outcome::Moved(rest))
        }
        Err(error) if is_interruption(&error) => Err(error),
        Err(error) => {
            partial.discard();
            Err(error)
        }
    }
}

/// Checks whether the file may be put, before a byte of it is sent, and begins it.
fn admit(store: &Store, put: &Put) -> Result<Partial, Refusal> {
    if store.read_only {
        return Err(Refusal::new(Status::ReadOnly, "this server takes no files"));
    }
    let name: Name = put.name.parse().map_err(refusal)?;
    if put.file_size > store.max_size {
        let message = format!("it has {} bytes, and {} are taken", put.file_size, store.max_size);
        return Err(Refusal::new(Status::TooLarge, message));
    }
    if !put.force && store.folder.holds(&name) {
        return Err(refusal(partial::Error::Exists));
    }
    store.folder.receive(&name, put.resume).map_err(refusal)
}

/// Receives what is missing of the file and the MD5 that follows it, and returns its offsets.
fn receive_rest(
    stream: &mut impl Read,
    partial: &mut Partial,
    put: &Put,
    observer: &mut impl TransferObserver,
) -> Result<Range<u64>, Error> {
    let header = wire::read_header::<Message<Offset>>(stream, HEADER_LIMIT)?;
    let Message { fields: Offset { from }, size } = header.ok_or_else(ended)?;
    let is_known = from == 0 || from == partial.length();
    if !is_known || from.checked_add(size) != Some(put.file_size) {
        let rest = format!("the rest of the {} announced", put.file_size);
        let message = format!("{size} bytes from {from} on are not {rest}");
        return Err(Error::RefusedMidway(Refusal::new(Status::Failed, message)));
    }
    let midway = |error| Error::RefusedMidway(refusal(error));
    let md5 = partial.start_at(from).map_err(midway)?;
    let rest = from..put.file_size;
    let received = receive_file(stream, partial, rest.clone(), md5, observer, &mut |_| ());
    let actual = received.map_err(|error| match error {
        transfer::Error::Stream(error) => error.into(),
        transfer::Error::File(error) => midway(error),
    })?;
    let reply = receive::<Reply<Digest>>(stream)?.ok_or_else(ended)?;
    observer.received(&[]);
    let Digest { md5: announced } = reply.into_result()?;
    if announced.eq_ignore_ascii_case(&actual) {
        return Ok(rest);
    }
    let message = format!("the MD5 of what arrived is {actual}; nothing of it was kept");
    Err(Refusal::new(Status::ChecksumMismatch, message).into())
}

/// Whether the connection is what failed, so that a later put can resume.
fn is_interruption(error: &Error) -> bool {
    use wire::Error::{EndInBody, EndInHeader, Io};
    matches!(error, Error::Stream(Io(_) | EndInBody { .. } | EndInHeader { .. }))
}

/// The client has left where a message was to come.
fn ended() -> wire::Error {
    wire::Error::EndInHeader { got: 0, at: 0 }
}
