//! Passes datagrams on between clients and a server, as a router with address translation does: the engine of
//! a UDP proxy.
//!
//! ```text
//!   client A ──┐                 ┌── flow A: a socket of its own ──┐
//!              ├─▶ one socket ──▶│                                 ├──▶ upstream
//!   client B ──┘                 └── flow B: a socket of its own ──┘
//! ```
//!
//! UDP knows no connections, and the upstream sees only the proxy. So each client has a **flow** with a socket
//! of its own towards the upstream: what comes to that socket is for this client. The socket is connected
//! (connect(2)), so that the kernel throws away what a stranger sends to it.
//!
//! Nobody says that a flow is over. One on which nothing has moved for
//! [`Options::flow_timeout`] is ended, and the next datagram of that client begins another. When there are as
//! many as there may be, the one that has been silent longest makes room, if it has been silent for a second;
//! otherwise the newcomer's datagram is thrown away. So a flood of made-up senders cannot push out those who
//! talk.
//!
//! A datagram that cannot be passed on is lost, as on any other way, and no error of a socket ends the relay:
//! that nobody listens at the upstream (an ICMP message) may be over with the next datagram.

use std::io;
use std::sync::Arc;

mod event_loop;
mod flow;
mod flows;
mod observer;
mod options;
mod port;

use crate::waker::Waker;
use event_loop::EventLoop;
pub use observer::{Count, End, FlowId, Observer, Refusal, Summary, Totals};
pub use options::{Options, Route};

/// A UDP proxy that is ready to run.
pub struct Relay {
    event_loop: EventLoop,
    waker: Waker,
}

impl Relay {
    /// Prepares to relay what comes in on these routes. Datagrams wait in the kernel until [`Relay::run`].
    ///
    /// # Errors
    /// `InvalidInput` for a route without an address of an upstream; otherwise what the system says when it
    /// cannot watch the sockets.
    pub fn new(routes: Vec<Route>, options: Options) -> io::Result<Relay> {
        let (event_loop, waker) = EventLoop::new(routes, options)?;
        Ok(Relay { event_loop, waker: Waker(Arc::new(waker)) })
    }

    /// What ends a wait of [`Relay::run`] from another thread.
    pub fn waker(&self) -> Waker {
        self.waker.clone()
    }

    /// Relays, until `is_stopping`, which is asked in every turn and must be quick. What is still on its way
    /// through the faults is lost then.
    ///
    /// # Errors
    /// When the wait for events fails.
    pub fn run(
        self,
        observer: &mut dyn Observer,
        is_stopping: impl Fn() -> bool,
    ) -> io::Result<Totals> {
        self.event_loop.run(observer, &is_stopping)
    }
}
