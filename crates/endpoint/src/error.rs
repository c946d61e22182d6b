//! What can go wrong before and around a lesson.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

/// What can go wrong before a lesson begins.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The text is no address.
    #[error("`{text}` is no address; write host:port, [v6]:port, a host name, or a port")]
    Address {
        /// What was given.
        text: String,
    },
    /// A name has no address.
    #[error("cannot find the address of `{host}`: {source}")]
    Resolve {
        /// The name.
        host: String,
        /// The resolver's word for it.
        source: io::Error,
    },
    /// Other machines could reach the address, and nobody has allowed that.
    #[error(
        "{address} can be reached from other machines, and this server has no password and no \
         encryption"
    )]
    NotLoopback {
        /// The address asked for.
        address: SocketAddr,
    },
    /// The port could not be taken.
    #[error("cannot listen on {address}: {source}")]
    Bind {
        /// The address asked for.
        address: SocketAddr,
        /// The operating system's word for it.
        source: io::Error,
    },
    /// No connection came about.
    #[error("cannot connect to {address}: {source}")]
    Connect {
        /// The address called.
        address: SocketAddr,
        /// The operating system's word for it.
        source: io::Error,
    },
    /// The socket could not be set up.
    #[error("cannot set up {what}: {source}")]
    Setup {
        /// Which part.
        what: &'static str,
        /// The operating system's word for it.
        source: io::Error,
    },
}

impl Error {
    /// Whether another try may go better: a server may come back, and an address that is none stays
    /// none.
    pub fn is_passing(&self) -> bool {
        !matches!(self, Error::Address { .. } | Error::Resolve { .. })
    }
}

/// A wait that has come to its end. It travels inside an [`io::Error`]; see [`expired`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Expired {
    /// A server's client sent nothing between two messages, for so long.
    #[error("silent for {0:?}")]
    Idle(Duration),
    /// A client's server sent nothing, for so long.
    #[error("nothing came for {0:?}")]
    Answer(Duration),
    /// A message began, and did not end within so long.
    #[error("a message began and did not end within {0:?}")]
    Message(Duration, Role),
    /// A message was not taken by the peer within so long: it does not read.
    #[error("the peer did not take a message within {0:?}")]
    Send(Duration, Role),
}

/// Which end of a connection this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The end that was called.
    Server,
    /// The end that called.
    Client,
}

impl From<Expired> for io::Error {
    fn from(expired: Expired) -> io::Error {
        io::Error::new(io::ErrorKind::TimedOut, expired)
    }
}

/// The wait of ours that has come to its end, if `error`, or what caused it, is one.
pub fn expired(error: &(dyn std::error::Error + 'static)) -> Option<Expired> {
    chain(error).find_map(|error| match error.downcast_ref() {
        Some(expired) => Some(*expired),
        None => as_io(error)?.get_ref()?.downcast_ref().copied(),
    })
}

/// Whether `error`, or what caused it, is a wait of ours that has come to its end.
pub fn is_expired(error: &(dyn std::error::Error + 'static)) -> bool {
    expired(error).is_some()
}

/// Whether `error` says that an existing connection broke: the peer, its machine or this one gave it
/// up, so that another try may make sense. A connection that ended in order, or was silent for too
/// long ([`is_expired`]), or was refused, did not break.
///
/// Which kind of error comes depends on what the kernel was doing when the reset arrived: on Linux
/// the first call after it fails with ECONNRESET, and from then on each send with EPIPE (send(2)).
/// Windows also says WSAECONNABORTED, and WSAESHUTDOWN, which has no kind, where EPIPE would come.
pub fn is_broken(error: &io::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset};
    matches!(error.kind(), ConnectionReset | ConnectionAborted | BrokenPipe)
        || error.raw_os_error() == Some(WSAESHUTDOWN)
}

/// The number that Windows has for a send on a connection whose sending direction has been shut down. No other
/// system has numbers so high.
const WSAESHUTDOWN: i32 = 10058;

/// The [`io::Error`] that `error` is, or that it shows as its own ([`wire::Error::Io`]).
pub fn as_io<'a>(error: &'a (dyn std::error::Error + 'static)) -> Option<&'a io::Error> {
    match error.downcast_ref::<wire::Error>() {
        Some(wire::Error::Io(error)) => Some(error),
        _ => error.downcast_ref::<io::Error>(),
    }
}

/// `error` and its causes, the outermost first.
pub fn chain<'a>(
    error: &'a (dyn std::error::Error + 'static),
) -> impl Iterator<Item = &'a (dyn std::error::Error + 'static)> {
    std::iter::successors(Some(error), |error| error.source())
}
