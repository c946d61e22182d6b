//! Moves bytes between two sockets, as fast as one thread can: the engine of a TCP proxy.
//!
//! ```text
//!             ┌───────────────────── one thread, one poll ─────────────────────┐
//!  client ──▶ │ recv ──────▶ one buffer for all ───────────────────────▶ send  │ ──▶ upstream
//!  (or up-    │ splice ────▶ a pipe: the bytes never leave the kernel ─▶ splice│     (or client)
//!  stream)    │ recv ─▶ Observer ─▶ fault::stream::Link ───────────────▶ send  │
//!             └────────────────────────────────────────────────────────────────┘
//! ```
//!
//! - The first way is for a few bytes at a time: one `recv` and one `send`, and no other call.
//! - The second is for many at a time, on Linux. It saves both copies, from the kernel and into it.
//! - The third is for bytes that somebody wants to look at, or to change the delivery of.
//!
//! What the receiver does not take at once waits here, and until it is gone nothing more is received
//! for it (back-pressure): so the sender is stopped by its own kernel, and a connection never costs
//! more memory than one buffer or pipe each way (1 MiB with faults that delay).
//!
//! Each side of a connection is told what the other does, once the bytes before it are delivered:
//! the end of a stream is passed on as the end of a stream (a half-close), and a reset as a reset.
//! What the relay ends of its own accord (a client without an upstream or a place, a connection on
//! which nothing moves) it ends with a reset. To a peer, the end of a stream means that the other
//! side has sent all it wanted to, and whoever reads up to it would take what has come for the whole.
//!
//! A byte that is sent as urgent (RFC 6093) is passed on in its place, and is not urgent any more.
//!
//! Nagle's algorithm is switched off on both sides (`TCP_NODELAY`). It has a small segment wait until
//! the one before is acknowledged. Whether that is worth it has been decided by the sender; here it
//! would be done a second time, and hold up the second half of a message that came in two pieces.
//!
//! [`Relay::run`] prints nothing. It tells an [`Observer`] what happens.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use fault::stream::{Directed, Direction};

mod acceptor;
mod connecting;
mod connection;
mod event_loop;
mod flow;
#[cfg_attr(not(target_os = "linux"), path = "no_pipe.rs")]
mod pipe;
mod side;

use event_loop::EventLoop;

/// Where clients come in, and where they are led to.
#[derive(Debug)]
pub struct Route {
    /// Bound and listening. It is made non-blocking, and so are all clones of it.
    pub listener: socket2::Socket,
    /// Addresses of the same server, tried in this order for each client.
    pub upstream: Vec<SocketAddr>,
}

/// The terms on which connections are relayed.
#[derive(Debug, Clone)]
pub struct Options {
    /// After how long without a byte in either direction a connection is closed.
    pub idle_timeout: Duration,
    /// How long one address of an upstream may take to accept a connection.
    pub connect_timeout: Duration,
    /// How many clients there may be at a time, on all routes together; one too many is reset.
    pub max_connections: usize,
    /// The faults of each direction. They work in this order.
    pub faults: Vec<Directed>,
    /// Where the faults' generators start from: for the same seed, the same connection (by its
    /// number) has the same faults.
    pub seed: u64,
    /// Whether the observer wants to see the bytes. Then they all take the slow way.
    pub look: bool,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            idle_timeout: Duration::from_secs(600),
            connect_timeout: Duration::from_secs(10),
            max_connections: 1024,
            faults: Vec::new(),
            seed: 0,
            look: false,
        }
    }
}

/// A connection's number: 1, 2 and so on, in the order in which clients were accepted, whatever the
/// route.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(u64);

impl fmt::Display for ConnectionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Is told what happens, in the thread of [`Relay::run`]: what takes long here holds up everyone.
///
/// Of each client it is told either `refused`, or `opened` and later `closed`. Where the client came
/// in is told as `route`, the place of its [`Route`] among those given to [`Relay::new`]: 0 for the
/// first. What it does not want to know it leaves out.
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

    /// These bytes have been received, and are about to be sent on, or handed to the faults. Only
    /// with [`Options::look`].
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

/// Wants to know nothing.
impl Observer for () {}

/// Why a client was not led to any upstream.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// As many clients as there may be are here already.
    #[error("places for connections: {most}, all taken")]
    Full {
        /// [`Options::max_connections`].
        most: usize,
    },
    /// No address of the upstream has accepted a connection.
    #[error("cannot connect to the upstream: {}", told(tried))]
    Unreachable {
        /// The addresses in the order in which they were tried, and why each one failed: `TimedOut`
        /// after [`Options::connect_timeout`].
        tried: Vec<(SocketAddr, io::Error)>,
    },
    /// One of the two sockets has failed already, or the system cannot watch it.
    #[error("cannot relay: {0}")]
    Socket(#[source] io::Error),
    /// The relay was asked to stop before the upstream had accepted the connection.
    #[error("the relay stops")]
    Stopped,
}

fn told(tried: &[(SocketAddr, io::Error)]) -> String {
    let each = tried.iter().map(|(address, error)| format!("{address}: {error}"));
    each.collect::<Vec<_>>().join("; ")
}

/// What came of a connection.
///
/// A byte is passed on when the receiver's socket has taken it. If the receiver is gone by then, the
/// last of them have not reached it; how many these are TCP does not say.
#[derive(Debug)]
pub struct Summary {
    /// Bytes that were passed on from the client to the upstream.
    pub up: u64,
    /// Bytes that were passed on from the upstream to the client.
    pub down: u64,
    /// How long it was open.
    pub duration: Duration,
    /// How it ended.
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
    /// No byte had moved in either direction for [`Options::idle_timeout`]; both sides have been
    /// sent a reset.
    IdleTimeout,
    /// Both streams have ended in order, and at least one by a fault: before its sender ended it, or
    /// without all of its bytes.
    Fault,
    /// A fault has torn it down, and both sides have been sent a reset.
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

/// Ends the wait of a [`Relay`], so that it looks whether it is to stop. A clone is the same one.
#[derive(Debug, Clone)]
pub struct Waker(Arc<mio::Waker>);

impl Waker {
    /// Has the relay look now. Harmless when it has ended.
    ///
    /// # Errors
    /// What the system says; the relay then looks within a second all the same.
    pub fn wake(&self) -> io::Result<()> {
        self.0.wake()
    }
}

/// A TCP proxy that is ready to run.
pub struct Relay {
    event_loop: EventLoop,
    waker: Waker,
}

impl Relay {
    /// Prepares to relay the clients of these routes. They wait in the accept queues until
    /// [`Relay::run`].
    ///
    /// # Errors
    /// `InvalidInput` for a route without an address of an upstream; otherwise what the system says
    /// when it cannot watch the listening sockets.
    pub fn new(routes: Vec<Route>, options: Options) -> io::Result<Relay> {
        let (event_loop, waker) = EventLoop::new(routes, options)?;
        Ok(Relay { event_loop, waker: Waker(Arc::new(waker)) })
    }

    /// What ends a wait of [`Relay::run`] from another thread.
    pub fn waker(&self) -> Waker {
        self.waker.clone()
    }

    /// Relays, until `is_stopping`, which is asked in every turn and must be quick.
    ///
    /// Then the listening sockets are closed, and clients that have no upstream yet; connections may
    /// go on until they end, or until `is_abandoned`, which is asked ten times a second.
    ///
    /// # Errors
    /// When a listening socket itself fails, or the wait for events does.
    pub fn run(
        self,
        observer: &mut dyn Observer,
        is_stopping: impl Fn() -> bool,
        is_abandoned: impl Fn() -> bool,
    ) -> io::Result<Totals> {
        self.event_loop.run(observer, &is_stopping, &is_abandoned)
    }
}
