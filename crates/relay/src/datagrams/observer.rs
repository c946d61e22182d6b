//! What a relay of datagrams tells: who came, what was passed on, and how flows ended.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use fault::Direction;

/// A flow's number: 1, 2 and so on, in the order in which they began, whatever the route.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FlowId(pub(crate) u64);

/// An observer is told what happens, in the thread of [`Relay::run`](super::Relay::run): what takes long here
/// holds up all flows. Each method does nothing by default.
pub trait Observer {
    /// A flow from `client` to `upstream` has begun. `route` is the place of its
    /// [`Route`](super::Route) among those given to [`Relay::new`](super::Relay::new): 0 for the first.
    fn opened(&mut self, _id: FlowId, _route: usize, _client: SocketAddr, _upstream: SocketAddr) {}

    /// A datagram of `client` was thrown away, since there is no flow for it.
    fn refused(&mut self, _route: usize, _client: SocketAddr, _why: &Refusal) {}

    /// A datagram has been received, and is about to be sent on, or handed to the faults.
    fn datagram(&mut self, _id: FlowId, _direction: Direction, _bytes: &[u8]) {}

    /// What a fault has done to a datagram of so many bytes, in its own words.
    fn fault(&mut self, _id: FlowId, _direction: Direction, _bytes: usize, _words: &str) {}

    /// A datagram of so many bytes could not be sent on.
    fn lost(&mut self, _id: FlowId, _direction: Direction, _bytes: usize, _why: &io::Error) {}

    /// The upstream's system says that nobody listens there. It is said again when something has come from
    /// there in between.
    fn unreachable(&mut self, _id: FlowId, _why: &io::Error) {}

    /// A flow has ended.
    fn closed(&mut self, _id: FlowId, _summary: &Summary) {}
}

/// An observer that leaves everything out.
impl Observer for () {}

/// Why there is no flow for a client.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// There are as many flows as there may be, and all of them had something to pass on within the last
    /// second.
    #[error("places for flows: {most}, all taken")]
    Full {
        /// [`Options::max_flows`](super::Options::max_flows).
        most: usize,
    },
    /// There is no way to the upstream, or no descriptor for a socket.
    #[error("no socket towards the upstream: {0}")]
    Socket(#[source] io::Error),
}

/// Datagrams, and their bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    /// How many datagrams.
    pub datagrams: u64,
    /// How many bytes they have together.
    pub bytes: u64,
}

impl Count {
    pub(crate) fn add(&mut self, bytes: usize) {
        self.datagrams += 1;
        self.bytes += bytes as u64;
    }

    pub(crate) fn add_all(&mut self, other: Count) {
        self.datagrams += other.datagrams;
        self.bytes += other.bytes;
    }
}

/// What became of a flow.
#[derive(Debug)]
pub struct Summary {
    /// What was passed on from the client to the upstream.
    pub up: Count,
    /// What was passed on from the upstream to the client.
    pub down: Count,
    /// From the flow's first datagram to its end.
    pub duration: Duration,
    /// How it ended.
    pub end: End,
}

/// How a flow ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Nothing has moved for [`Options::flow_timeout`](super::Options::flow_timeout).
    Silent,
    /// It was silent, and another one needed its place.
    MadeRoom,
    /// The relay has stopped.
    Stopped,
}

/// What a relay of datagrams has done in its life.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Flows that began, and have all ended now.
    pub flows: u64,
    /// Datagrams that were thrown away, since there was no flow for them.
    pub refused: u64,
    /// What was passed on from clients to upstreams.
    pub up: Count,
    /// What was passed on from upstreams to clients.
    pub down: Count,
}
