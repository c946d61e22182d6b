//! What has become of an exchange that failed: whether to try again, and what to say, depends on
//! it.

use std::io::{self, ErrorKind};

use crate::error::{is_broken, is_expired};

/// An error of an exchange, by what it says of the connection.
#[derive(Debug)]
pub enum Failure {
    /// The peer ended the stream in order, where a message or the rest of one should have come.
    Ended,
    /// The connection broke: the peer, or its machine, gave it up ([`is_broken`]).
    Broken(io::Error),
    /// A wait of ours has come to its end ([`is_expired`]).
    Expired(io::Error),
    /// What came is no message, or something else failed; another try would meet the same.
    Exchange(wire::Error),
}

impl From<wire::Error> for Failure {
    fn from(error: wire::Error) -> Failure {
        match error {
            wire::Error::EndInHeader { .. } | wire::Error::EndInBody { .. } => Failure::Ended,
            wire::Error::Io(error) if error.kind() == ErrorKind::UnexpectedEof => Failure::Ended,
            wire::Error::Io(error) if is_broken(&error) => Failure::Broken(error),
            wire::Error::Io(error) if is_expired(&error) => Failure::Expired(error),
            error => Failure::Exchange(error),
        }
    }
}
