//! What all requests have in common: what is asked for, how an answer is received, what becomes of it.

use std::io::{Read, Write};

use lesson08_shared::protocol::send;
use lesson08_shared::protocol::{Content, Digest, HEADER_LIMIT, Message, Prefix, Reply, Request};
use serde::Serialize;
use serde::de::DeserializeOwned;
use trace::Observer;

use crate::error::Error;

/// Which file to move, and what to do where there is one of that name already.
#[derive(Debug, Clone, Copy)]
pub struct Transfer<'a> {
    /// Its name on the server.
    pub name: &'a str,
    /// Go on with what has come before, if that is how the file begins.
    pub resume: bool,
    /// Replace a file of that name.
    pub force: bool,
}

/// What became of a file that is now complete on both sides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// Its length in bytes.
    pub size: u64,
    /// Its MD5, as both sides have it.
    pub md5: String,
    /// How many bytes the receiver had before.
    pub had: u64,
    /// The offset at which the bytes began that were moved; `None` if the whole file was there.
    pub from: Option<u64>,
}

/// Receives one header, and the length of the body that follows.
pub(crate) fn receive<T: Serialize + DeserializeOwned>(
    stream: &mut impl Read,
    observer: &mut impl Observer,
) -> Result<(T, u64), Error> {
    let header = wire::read_frame(stream, HEADER_LIMIT)?.ok_or(Error::Ended)?;
    observer.received(&header);
    let message: Message<Reply<T>> = wire::parse_header(&header)?;
    match message.fields.into_result() {
        Ok(fields) => Ok((fields, message.size)),
        Err(_) if message.size > 0 => Err(Error::Contradiction("it refuses, and sends bytes")),
        Err(refusal) => Err(Error::Refused(refusal)),
    }
}

/// Receives one header that no body follows.
pub(crate) fn receive_alone<T: Serialize + DeserializeOwned>(
    stream: &mut impl Read,
    observer: &mut impl Observer,
) -> Result<T, Error> {
    match receive(stream, observer)? {
        (fields, 0) => Ok(fields),
        _ => Err(Error::Contradiction("it sends bytes where none belong")),
    }
}

/// Compares the server's file with ours by asking for it as if all of it were here. If it is the same,
/// no byte of it comes.
pub(crate) fn compare(
    stream: &mut (impl Read + Write),
    name: &str,
    ours: Prefix,
    observer: &mut impl Observer,
) -> Result<Moved, Error> {
    let request = Request::Get { name: name.to_owned(), have: Some(ours.clone()) };
    send(stream, request, observer)?;
    let (content, size) = receive::<Content>(stream, observer)?;
    let as_long = (size, content.from, content.file_size) == (0, ours.length, ours.length);
    if !as_long || receive_alone::<Digest>(stream, observer)?.md5 != ours.md5 {
        return Err(Error::Differs);
    }
    Ok(Moved { size: ours.length, md5: ours.md5, had: ours.length, from: None })
}
