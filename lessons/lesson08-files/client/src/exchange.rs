//! What all requests have in common: a file to move, how an answer is received, what becomes of it.

use std::io::{Read, Write};

use lesson08_shared::protocol::{self, Content, Digest, HEADER_LIMIT, Message, Prefix};
use lesson08_shared::protocol::{Reply, Request};
use serde::{Serialize, de::DeserializeOwned};
use trace::Observer;

use crate::error::Error;

/// Which file to move, and what to do where there is one of that name already.
#[derive(Debug, Clone, Copy)]
pub struct Transfer<'a> {
    /// The name on the server.
    pub name: &'a str,
    /// Go on with what has come before, if that is how the file begins.
    pub resume: bool,
    /// Replace a file of that name.
    pub force: bool,
    /// The longest file that is received, in bytes.
    pub max_size: u64,
}

/// What became of a file that is now complete on both sides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// The length of the file in bytes.
    pub size: u64,
    /// The MD5 of the file, as both sides have it.
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
pub(crate) fn receive_bodyless<T: Serialize + DeserializeOwned>(
    stream: &mut impl Read,
    observer: &mut impl Observer,
) -> Result<T, Error> {
    match receive(stream, observer)? {
        (fields, 0) => Ok(fields),
        _ => Err(Error::Contradiction("it sends bytes where none belong")),
    }
}

/// Asks for the server's file as if all of it were here: if it is the same as ours, no byte comes.
pub(crate) fn compare(
    stream: &mut (impl Read + Write),
    name: &str,
    ours: Prefix,
    observer: &mut impl Observer,
) -> Result<Moved, Error> {
    let request = Request::Get { name: name.to_owned(), have: Some(ours.clone()) };
    protocol::send(stream, request, observer)?;
    let (content, size) = receive::<Content>(stream, observer)?;
    let as_long = (size, content.from, content.file_size) == (0, ours.length, ours.length);
    if !as_long || receive_bodyless::<Digest>(stream, observer)?.md5 != ours.md5 {
        return Err(Error::Differs);
    }
    Ok(Moved { size: ours.length, md5: ours.md5, had: ours.length, from: None })
}
