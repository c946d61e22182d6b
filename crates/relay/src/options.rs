//! What a relay is to do: its routes, and the terms on which connections are relayed.

use std::net::SocketAddr;
use std::time::Duration;

use fault::stream::Faults;

/// Where clients come in, and the upstream that they are led to.
#[derive(Debug)]
pub struct Route {
    /// A socket that is bound and listening. It is made non-blocking, and so are all clones of it.
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
    /// The most clients at a time, on all routes together; one too many is reset.
    pub max_connections: usize,
    /// The faults of each direction. Who changes them wakes the relay ([`Waker`](crate::Waker)), and then
    /// connections that stand have them too. For the same seed, the same connection (by its number) has the
    /// same faults.
    pub faults: Faults,
    /// Whether [`Observer::bytes`](crate::Observer::bytes) is called. Then all bytes are copied, and
    /// none is spliced.
    pub observes_bytes: bool,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            idle_timeout: Duration::from_secs(600),
            connect_timeout: Duration::from_secs(10),
            max_connections: 1024,
            faults: Faults::default(),
            observes_bytes: false,
        }
    }
}
