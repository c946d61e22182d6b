//! Which of the three fixes is spoken, and in whose dialect: one table.

use std::io::{Read, Write};

use clap::ValueEnum;
use console::Dialect;
use trace::Observer;
use wire::Result;

use crate::{announce, json, tutorial};

/// How a message says its length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Header {
    /// As a struct: 4 bytes, little-endian.
    #[default]
    Struct,
    /// Announced as text, then a handshake.
    Announce,
    /// As a struct that counts a JSON header, which says the rest.
    Json,
}

/// [`crate::ask`], with any header in any dialect.
///
/// # Errors
/// When a message cannot be sent or received.
pub fn ask(
    header: (Header, Dialect),
    stream: &mut (impl Read + Write),
    request: &[u8],
    limit: usize,
    observer: &mut impl Observer,
) -> Result<bool> {
    if header == (Header::Struct, Dialect::Ours) {
        return crate::ask(stream, request, limit, observer);
    }
    send(header, stream, request)?;
    observer.sent(request);
    let Some(reply) = receive(header, stream, limit)? else { return Ok(false) };
    observer.received(&reply);
    Ok(true)
}

/// [`crate::receive_to_end`], with any header in any dialect.
///
/// # Errors
/// When a message cannot be received.
pub fn receive_to_end(
    header: (Header, Dialect),
    stream: &mut (impl Read + Write),
    limit: usize,
    observer: &mut impl Observer,
) -> Result<()> {
    while let Some(message) = receive(header, stream, limit)? {
        observer.received(&message);
    }
    Ok(())
}

/// [`crate::send_message`], with any header in any dialect.
///
/// # Errors
/// When the connection breaks, or the server answers a handshake with something else.
pub fn send(
    header: (Header, Dialect),
    stream: &mut (impl Read + Write),
    request: &[u8],
) -> Result<()> {
    match header {
        (_, Dialect::Tutorial) => tutorial::send_request(stream, request),
        (Header::Struct, Dialect::Ours) => crate::send_message(stream, request),
        (Header::Announce, Dialect::Ours) => announce::send_message(stream, request),
        (Header::Json, Dialect::Ours) => json::send_message(stream, request),
    }
}

fn receive(
    header: (Header, Dialect),
    stream: &mut (impl Read + Write),
    limit: usize,
) -> Result<Option<Vec<u8>>> {
    match header {
        // Here the tutorial's bytes are ours.
        (Header::Struct, _) => crate::receive_message(stream, limit),
        (Header::Announce, Dialect::Ours) => announce::receive_message(stream, limit),
        (Header::Announce, Dialect::Tutorial) => tutorial::receive_announced(stream, limit),
        (Header::Json, Dialect::Ours) => json::receive_message(stream, limit),
        (Header::Json, Dialect::Tutorial) => tutorial::receive_with_json(stream, limit),
    }
}
