//! Moves bytes between two sockets, as fast as one thread can: the engine of a TCP proxy. That of a UDP proxy
//! is in [`datagrams`].
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
//! - The third is for bytes that an observer is told of, or to change the delivery of.
//!
//! What the receiver does not take at once waits here, and until it is gone nothing more is received
//! for it (back-pressure): so the sender is stopped by its own kernel, and a connection never costs
//! more memory than one buffer or pipe each way. With faults it is 1 MiB each way, and beyond that what a
//! line with their latency would hold at their rate: up to 64 MiB each way, and 256 MiB for all connections
//! together ([`fault::stream::Link::has_room`]).
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

use std::io;
use std::sync::Arc;

mod acceptor;
mod connecting;
mod connection;
mod context;
pub mod datagrams;
mod event_loop;
mod flow;
mod observer;
mod options;
mod peer;
#[cfg_attr(not(target_os = "linux"), path = "no_pipe.rs")]
mod pipe;
mod waker;

use event_loop::EventLoop;
pub use observer::{ConnectionId, End, Observer, Refusal, Summary, Totals};
pub use options::{Options, Route};
pub use waker::Waker;

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
