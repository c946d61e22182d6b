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

/// [`crate::converse`], with any header in any dialect.
///
/// # Errors
/// Those of the functions of [`announce`], [`json`] and [`tutorial`] that send and receive a message.
pub fn converse(
    header: (HeaderKind, Dialect),
    stream: &mut (impl Read + Write),
    limit: usize,
    answer: impl Fn(&[u8]) -> Option<Vec<u8>>,
    observer: &mut impl Observer,
) -> Result<()> {
    if header == (HeaderKind::Struct, Dialect::Ours) {
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
    header: (HeaderKind, Dialect),
    stream: &mut (impl Read + Write),
    limit: usize,
) -> Result<Option<Vec<u8>>> {
    match header {
        (_, Dialect::Tutorial) => tutorial::receive_request(stream),
        (HeaderKind::Struct, Dialect::Ours) => crate::receive_message(stream, limit),
        (HeaderKind::Announce, Dialect::Ours) => announce::receive_message(stream, limit),
        (HeaderKind::Json, Dialect::Ours) => json::receive_message(stream, limit),
    }
}

fn send(
    header: (HeaderKind, Dialect),
    stream: &mut (impl Read + Write),
    reply: &[u8],
) -> Result<()> {
    match header {
        // In this case the tutorial's bytes are ours.
        (HeaderKind::Struct, _) => crate::send_message(stream, reply),
        (HeaderKind::Announce, Dialect::Ours) => announce::send_message(stream, reply),
        (HeaderKind::Announce, Dialect::Tutorial) => tutorial::send_announced(stream, reply),
        (HeaderKind::Json, Dialect::Ours) => json::send_message(stream, reply),
        (HeaderKind::Json, Dialect::Tutorial) => tutorial::send_with_json(stream, reply),
    }
}
