//! The proxy of datagrams: what `--udp` runs.

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use console::ServerLog;
use endpoint::{Datagrams, Policy};
use fault::datagram::Faults;
use relay::datagrams::{Options, Relay, Route, Totals};

use crate::program::commands;
use crate::program::flow_log::FlowLog;

/// How much the kernel is asked to keep of what is not read yet, in bytes: as much as a window of lesson 09.
const RECEIVE_BUFFER: usize = 4 << 20;

/// How datagrams are relayed.
#[derive(Debug)]
pub(crate) struct Udp {
    pub(crate) faults: Faults,
    pub(crate) flow_timeout: Duration,
    /// Whether each datagram is shown.
    pub(crate) hex: bool,
}

impl Udp {
    /// Binds a socket for each route: where to listen, and the addresses of the upstream. Runs until Ctrl-C.
    ///
    /// # Errors
    /// When a socket cannot be bound, or the system cannot watch them.
    pub(crate) fn run(
        self,
        routes: Vec<(SocketAddr, Vec<SocketAddr>)>,
        policy: &Policy,
        server_log: &ServerLog,
    ) -> anyhow::Result<Totals> {
        let bind = |(listen, upstream)| {
            let socket = Datagrams::bind(listen, policy)?.with_receive_buffer(RECEIVE_BUFFER);
            Ok(Route { socket, upstream })
        };
        let routes = routes.into_iter().map(bind).collect::<Result<Vec<_>, endpoint::Error>>()?;
        let port = |route: &Route| route.socket.local_addr().map(|address| address.port());
        let mut log = FlowLog {
            ports: routes.iter().map(port).collect::<io::Result<_>>()?,
            hex: self.hex,
            flow_timeout: self.flow_timeout,
            server_log: server_log.clone(),
            open: HashMap::new(),
            refusing: false,
        };
        let options = Options {
            flow_timeout: self.flow_timeout,
            max_flows: policy.limits.max_connections,
            faults: self.faults.clone(),
        };
        let relay = Relay::new(routes, options)?;
        let waker = relay.waker();
        // If that fails, it is found out within a second all the same.
        commands::obey(self.faults, move || _ = waker.wake());
        Ok(relay.run(&mut log, || policy.stop.is_requested())?)
    }
}
