//! What moves the bytes: this lesson's threads, of which one for each route accepts its clients, as
//! in the tutorial; or the crate `relay`, which needs one thread for all routes.

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::AtomicU64;
use std::thread;

use console::ServerLog;
use endpoint::crowd::Places;
use endpoint::{Listener, Policy};
use fault::stream::Faults;
use lesson06_server::{CONNECT_TIMEOUT, serve};
use relay::{Options, Relay, Totals};

use crate::program::commands;
use crate::program::faulty_threads::FaultyRoute;
use crate::program::route_log::{RelayLog, RouteLog};
use crate::program::view::View;

/// What moves the bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Engine {
    /// One thread for all connections, which waits for none of them.
    Relay,
    /// Two threads for each connection, as in the tutorial.
    Threads,
}

/// Where clients come in, and the addresses of the server that they are led to.
#[derive(Debug)]
pub(crate) struct Bound {
    /// Where clients come in.
    pub(crate) listener: Listener,
    /// Tried in this order for each client.
    pub(crate) upstream: Vec<SocketAddr>,
}

impl Engine {
    /// Runs all routes with these faults until Ctrl-C, and until their connections have ended or are
    /// abandoned.
    ///
    /// # Errors
    /// When a listening socket fails, or the system cannot run a route. Then all routes end.
    pub(crate) fn run(
        self,
        routes: Vec<Bound>,
        faults: Faults,
        view: View,
        server_log: &ServerLog,
    ) -> io::Result<Totals> {
        let several = routes.len() > 1;
        let log = |Bound { listener, .. }: &Bound| {
            RouteLog::new(
                listener.address(),
                several,
                view.clone(),
                &listener.policy().limits,
                server_log,
            )
        };
        let logs: Vec<RouteLog> = routes.iter().map(log).collect();
        let Some(first) = routes.first() else { return Ok(Totals::default()) };
        let policy = first.listener.policy().clone();
        match self {
            Engine::Threads => {
                commands::obey(faults.clone(), || ());
                threads(routes, &logs, &faults, &policy)?;
            }
            Engine::Relay => {
                let options = Options {
                    idle_timeout: policy.limits.idle_timeout,
                    connect_timeout: CONNECT_TIMEOUT,
                    max_connections: policy.limits.max_connections,
                    faults,
                    observes_bytes: logs.iter().any(RouteLog::shows_bytes),
                };
                relay(routes, &logs, options, &policy)?;
            }
        }
        Ok(logs.iter().map(RouteLog::totals).fold(Totals::default(), sum))
    }
}

/// A thread for each route, and two for each connection.
fn threads(
    routes: Vec<Bound>,
    logs: &[RouteLog],
    faults: &Faults,
    policy: &Policy,
) -> io::Result<()> {
    let connections = &AtomicU64::new(0);
    let places = &Places::new(policy.limits.max_connections);
    let end_all = || {
        policy.stop.request();
        policy.stop.abandon();
    };
    thread::scope(|scope| {
        let start = |(Bound { listener, upstream }, log)| {
            let observer = FaultyRoute { log, faults: faults.clone(), connections };
            let route =
                move || serve(listener, &upstream, places, &observer).inspect_err(|_| end_all());
            thread::Builder::new().spawn_scoped(scope, route).inspect_err(|_| end_all())
        };
        let running: Vec<_> = routes.into_iter().zip(logs).map(start).collect();
        running.into_iter().try_for_each(|route| {
            route?.join().unwrap_or_else(|_| Err(io::Error::other("a panic")))
        })
    })
}

/// One thread, the caller's, for all connections of all routes.
fn relay(
    routes: Vec<Bound>,
    logs: &[RouteLog],
    options: Options,
    policy: &Policy,
) -> io::Result<()> {
    let route = |Bound { listener, upstream }: Bound| {
        // The relay closes its copy of the listening socket on Ctrl-C. While another copy is open,
        // clients would still be let in, so that goes here.
        Ok(relay::Route { listener: listener.try_clone()?, upstream })
    };
    let routes = routes.into_iter().map(route).collect::<io::Result<_>>()?;
    let (stop, mut log) = (&policy.stop, RelayLog::new(logs));
    let (faults, relay) = (options.faults.clone(), Relay::new(routes, options)?);
    let waker = relay.waker();
    // If that fails, it is found out within a second all the same.
    commands::obey(faults, move || _ = waker.wake());
    relay.run(&mut log, || stop.is_requested(), || stop.is_abandoned())?;
    Ok(())
}

fn sum(one: Totals, other: Totals) -> Totals {
    Totals {
        connections: one.connections + other.connections,
        refused: one.refused + other.refused,
        up: one.up + other.up,
        down: one.down + other.down,
    }
}
