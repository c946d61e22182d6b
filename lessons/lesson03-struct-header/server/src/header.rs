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

/// [`crate::converse`], with any header in any dialect.
///
/// # Errors
/// When a message cannot be received or sent.
pub fn converse(
    header: (Header, Dialect),
    stream: &mut (impl Read + Write),
    limit: usize,
    answer: impl Fn(&[u8]) -> Option<Vec<u8>>,
    observer: &mut impl Observer,
) -> Result<()> {
    if header == (Header::Struct, Dialect::Ours) {
        return crate::converse(stream, limit, answer, observer);
    }
    while let Some(request) = receive(header, stream, limit)? {
        observer.received(&request);
        if let Some(reply) = answer(&request) {
            send(header, stream, &reply)?;
            observer.sent(&reply);
        }
    }
    Ok(())
}

fn receive(
    header: (Header, Dialect),
    stream: &mut (impl Read + Write),
    limit: usize,
) -> Result<Option<Vec<u8>>> {
    match header {
        (_, Dialect::Tutorial) => tutorial::receive_request(stream),
        (Header::Struct, Dialect::Ours) => crate::receive_message(stream, limit),
        (Header::Announce, Dialect::Ours) => announce::receive_message(stream, limit),
        (Header::Json, Dialect::Ours) => json::receive_message(stream, limit),
    }
}

fn send(header: (Header, Dialect), stream: &mut (impl Read + Write), reply: &[u8]) -> Result<()> {
    match header {
        // Here the tutorial's bytes are ours.
        (Header::Struct, _) => crate::send_message(stream, reply),
        (Header::Announce, Dialect::Ours) => announce::send_message(stream, reply),
        (Header::Announce, Dialect::Tutorial) => tutorial::send_announced(stream, reply),
        (Header::Json, Dialect::Ours) => json::send_message(stream, reply),
        (Header::Json, Dialect::Tutorial) => tutorial::send_with_json(stream, reply),
    }
}
