//! What a relay tells of its connections: who came, where they were led to, and how they ended.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use fault::stream::Direction;

/// A connection's number: 1, 2 and so on, in the order in which clients were accepted, whatever the
/// route.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(pub(crate) u64);

impl fmt::Display for ConnectionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// An observer is told what happens, in the thread of [`Relay::run`](crate::Relay::run): what takes
/// long here holds up all connections.
///
/// Of each client it is told either `refused`, or `opened` and later `closed`. Where the client came
/// in is told as `route`, the place of its [`Route`](crate::Route) among those given to
/// [`Relay::new`](crate::Relay::new): 0 for the first. Each method does nothing by default.
pub trait Observer {
    /// A connection to `upstream` has been made for `client`, and bytes go to and fro from now on.
    fn opened(
        &mut self,
        _id: ConnectionId,
        _route: usize,
        _client: SocketAddr,
        _upstream: SocketAddr,
    ) {
    }

    /// `client` is sent a reset, without a byte from it or to it.
    fn refused(&mut self, _route: usize, _client: SocketAddr, _why: &Refusal) {}

    /// `bytes` have been received, and are about to be sent on, or handed to the faults. Only
    /// with [`Options::observes_bytes`](crate::Options::observes_bytes).
    fn bytes(&mut self, _id: ConnectionId, _direction: Direction, _bytes: &[u8]) {}

    /// What a fault has done, in its own words.
    fn fault(&mut self, _id: ConnectionId, _direction: Direction, _words: &str) {}

    /// Both sides of a connection are closed.
    fn closed(&mut self, _id: ConnectionId, _summary: &Summary) {}

    /// No descriptor is left for another client (EMFILE, ENFILE). Clients wait in the accept queue,
    /// and this is not said again before [`Observer::recovered`].
    fn exhausted(&mut self, _error: &io::Error) {}

    /// Clients are accepted again.
    fn recovered(&mut self) {}
}

/// An observer that leaves everything out.
impl Observer for () {}

/// Why a client was not led to any upstream.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// As many clients as there may be are here already.
    #[error("places for connections: {most}, all taken")]
    Full {
        /// [`Options::max_connections`](crate::Options::max_connections).
        most: usize,
    },
    /// No address of the upstream has accepted a connection.
    #[error("cannot connect to the upstream: {}", each_with_its_error(tried))]
    Unreachable {
        /// The addresses in the order in which they were tried, and why each one failed: `TimedOut`
        /// after [`Options::connect_timeout`](crate::Options::connect_timeout).
        tried: Vec<(SocketAddr, io::Error)>,
    },
    /// One of the two sockets has failed already, or the system cannot watch it.
    #[error("cannot relay: {0}")]
    Socket(#[source] io::Error),
    /// The relay was asked to stop before the upstream had accepted the connection.
    #[error("the relay stops")]
    Stopped,
}

fn each_with_its_error(tried: &[(SocketAddr, io::Error)]) -> String {
    let each = tried.iter().map(|(address, error)| format!("{address}: {error}"));
    each.collect::<Vec<_>>().join("; ")
}

/// What became of a connection.
///
/// A byte is passed on when the receiver's socket has taken it. If the receiver is gone by then, the
/// last of them have not reached it; how many these are TCP does not say.
#[derive(Debug)]
pub struct Summary {
    /// Bytes that were passed on from the client to the upstream.
    pub up: u64,
    /// Bytes that were passed on from the upstream to the client.
    pub down: u64,
    /// How long the connection was open.
    pub duration: Duration,
    /// How the connection ended.
    pub end: End,
}

/// How a connection ended.
#[derive(Debug)]
pub enum End {
    /// Both streams have ended in order, the client's first.
    Client,
    /// Both streams have ended in order, the upstream's first.
    Upstream,
    /// The client's socket has failed, mostly by a reset; the upstream has been sent a reset.
    ClientReset(io::Error),
    /// The upstream's socket has failed, mostly by a reset; the client has been sent a reset.
    UpstreamReset(io::Error),
    /// No byte had moved in either direction for
    /// [`Options::idle_timeout`](crate::Options::idle_timeout); both sides have been sent a reset.
    IdleTimeout,
    /// Both streams have ended in order, and at least one by a fault: before its sender ended it, or
    /// without all of its bytes.
    Fault,
    /// A fault has torn the connection down, and both sides have been sent a reset.
    FaultReset,
    /// The relay has stopped, and both sides have been sent a reset.
    Stopped,
}

/// What a relay has done in its life.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Connections that were opened, and are all closed now.
    pub connections: u64,
    /// Clients that were refused.
    pub refused: u64,
    /// Bytes that were passed on from clients to upstreams.
    pub up: u64,
    /// Bytes that were passed on from upstreams to clients.
    pub down: u64,
}
