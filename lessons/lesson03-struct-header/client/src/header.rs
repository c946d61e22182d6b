//! The three fixes in two dialects: which function sends and receives which bytes.

use std::io::{Read, Write};

use clap::ValueEnum;
use console::Dialect;
use trace::Observer;
use wire::Result;

use crate::{announce, json, tutorial};

/// How the length of a message is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum HeaderKind {
    /// As a struct: 4 bytes, little-endian.
    #[default]
    Struct,
    /// Announced as text, and answered with `recv_ready` before the message follows.
    Announce,
    /// As a struct that counts a JSON header, which says the rest.
    Json,
}

/// [`crate::ask`], with any header in any dialect.
///
/// # Errors
/// Those of the functions of [`announce`], [`json`] and [`tutorial`] that send and receive a message.
pub fn ask(
    header: (HeaderKind, Dialect),
    stream: &mut (impl Read + Write),
    request: &[u8],
    limit: usize,
    observer: &mut impl Observer,
) -> Result<bool> {
    if header == (HeaderKind::Struct, Dialect::Ours) {
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
/// Those of the functions of [`announce`], [`json`] and [`tutorial`] that receive a message.
pub fn receive_to_end(
    header: (HeaderKind, Dialect),
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
/// Those of the functions of [`announce`], [`json`] and [`tutorial`] that send a message.
pub fn send(
    header: (HeaderKind, Dialect),
    stream: &mut (impl Read + Write),
    request: &[u8],
) -> Result<()> {
    match header {
        (_, Dialect::Tutorial) => tutorial::send_request(stream, request),
        (HeaderKind::Struct, Dialect::Ours) => crate::send_message(stream, request),
        (HeaderKind::Announce, Dialect::Ours) => announce::send_message(stream, request),
        (HeaderKind::Json, Dialect::Ours) => json::send_message(stream, request),
    }
}

fn receive(
    header: (HeaderKind, Dialect),
    stream: &mut (impl Read + Write),
    limit: usize,
) -> Result<Option<Vec<u8>>> {
    match header {
        // In this case the tutorial's bytes are ours.
        (HeaderKind::Struct, _) => crate::receive_message(stream, limit),
        (HeaderKind::Announce, Dialect::Ours) => announce::receive_message(stream, limit),
        (HeaderKind::Announce, Dialect::Tutorial) => tutorial::receive_announced(stream, limit),
        (HeaderKind::Json, Dialect::Ours) => json::receive_message(stream, limit),
        (HeaderKind::Json, Dialect::Tutorial) => tutorial::receive_with_json(stream, limit),
    }
}
