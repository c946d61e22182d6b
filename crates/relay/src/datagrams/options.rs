//! What a relay of datagrams is to do: its routes, and the terms on which flows last.

use std::net::SocketAddr;
use std::time::Duration;

use endpoint::Datagrams;
use fault::datagram::Faults;

/// Where datagrams come in, and the upstream that they are led to.
#[derive(Debug)]
pub struct Route {
    /// A socket that is bound. It is made non-blocking.
    pub socket: Datagrams,
    /// Addresses of the same server. The first to which there is a way is taken; whether somebody listens there
    /// cannot be known.
    pub upstream: Vec<SocketAddr>,
}

/// The terms on which datagrams are relayed.
#[derive(Debug, Clone)]
pub struct Options {
    /// After how long without a datagram in either direction a flow is ended.
    pub flow_timeout: Duration,
    /// The most flows at a time, on all routes together.
    pub max_flows: usize,
    /// The faults of each direction. Who changes them wakes the relay ([`Waker`](crate::Waker)), and then
    /// flows that last have them too. For the same seed, the same flow (by its number) has the same faults.
    pub faults: Faults,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            flow_timeout: Duration::from_secs(120),
            max_flows: 1024,
            faults: Faults::default(),
        }
    }
}
