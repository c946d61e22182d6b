//! One message at a time, as `protocol.rs` has them.

use std::io::{Read, Write};

use serde::Serialize;
use serde::de::DeserializeOwned;
use trace::Observer;

use crate::Error;
use crate::protocol::{HEADER_LIMIT, Message, Reply};

/// Sends one header that nothing follows.
pub(crate) fn say<T: Serialize + DeserializeOwned>(
    stream: &mut impl Write,
    what: T,
    observer: &mut impl Observer,
) -> Result<(), Error> {
    let header = wire::encode_header(&Message::of(what))?;
    stream.write_all(&header)?;
    stream.flush()?;
    observer.sent(&header);
    Ok(())
}

/// Receives one header, and how many bytes follow it.
pub(crate) fn hear<T: Serialize + DeserializeOwned>(
    stream: &mut impl Read,
    observer: &mut impl Observer,
) -> Result<(T, u64), Error> {
    let header = wire::read_frame(stream, HEADER_LIMIT)?.ok_or(Error::Ended)?;
    observer.received(&header);
    let message: Message<Reply<T>> = wire::parse_header(&header)?;
    match message.what.into_result() {
        Ok(what) => Ok((what, message.size)),
        Err(_) if message.size > 0 => Err(Error::Contradiction("it refuses, and sends bytes")),
        Err(no) => Err(Error::Refused(no)),
    }
}

/// Receives one header that nothing follows.
pub(crate) fn hear_alone<T: Serialize + DeserializeOwned>(
    stream: &mut impl Read,
    observer: &mut impl Observer,
) -> Result<T, Error> {
    match hear(stream, observer)? {
        (what, 0) => Ok(what),
        _ => Err(Error::Contradiction("it sends bytes where none belong")),
    }
}
