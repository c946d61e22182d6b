//! What moves the bytes: this lesson's threads, of which one for each route accepts its clients, as in
//! the tutorial; or the crate `relay`, which needs one thread for all.

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::AtomicUsize;
use std::thread;

use console::ServerLog;
use endpoint::{Listener, Policy};
use fault::stream::Directed;
use relay::{Options, Relay, Totals};

use crate::report::{Logs, Report, View};
use crate::{CONNECT_TIMEOUT, serve};

/// What moves the bytes.
#[derive(Debug, Clone)]
pub enum Engine {
    /// Two threads for each connection: this lesson's `lib.rs`.
    Threads,
    /// One thread for all connections of all routes.
    Relay {
        /// What is to become of the bytes on their way.
        faults: Vec<Directed>,
        /// The same seed does the same to the same connection, by its number.
        seed: u64,
    },
}

/// Where clients come in, and the addresses of the server that they are led to.
#[derive(Debug)]
pub struct Bound {
    /// Where clients come in.
    pub listener: Listener,
    /// Tried in this order for each client.
    pub upstream: Vec<SocketAddr>,
}

impl Engine {
    /// Runs all routes until Ctrl-C, and until their connections have ended or are abandoned.
    ///
    /// # Errors
    /// When a listening socket fails, or the system cannot run a route. Then all routes end.
    pub fn run(
        &self,
        routes: Vec<Bound>,
        view: View,
        server_log: &ServerLog,
    ) -> io::Result<Totals> {
        let several = routes.len() > 1;
        let report = |Bound { listener, .. }: &Bound| {
            Report::new(listener.address(), several, view, &listener.policy().limits, server_log)
        };
        let reports: Vec<Report> = routes.iter().map(report).collect();
        let Some(first) = routes.first() else { return Ok(Totals::default()) };
        let policy = first.listener.policy().clone();
        match self {
            Engine::Threads => threads(routes, &reports, &policy)?,
            Engine::Relay { faults, seed } => {
                let options = Options {
                    idle_timeout: policy.limits.idle_timeout,
                    connect_timeout: CONNECT_TIMEOUT,
                    max_connections: policy.limits.max_connections,
                    faults: faults.clone(),
                    seed: *seed,
                    observes_bytes: reports.iter().any(Report::looks),
                };
                relay(routes, &reports, options, &policy)?;
            }
        }
        Ok(reports.iter().map(Report::totals).fold(Totals::default(), sum))
    }
}

/// A thread for each route, and two for each connection.
fn threads(routes: Vec<Bound>, reports: &[Report], policy: &Policy) -> io::Result<()> {
    let open = &AtomicUsize::new(0);
    let end_all = || {
        policy.stop.request();
        policy.stop.abandon();
    };
    thread::scope(|scope| {
        let start = |(Bound { listener, upstream }, report)| {
            let route = move || serve(listener, &upstream, open, report).inspect_err(|_| end_all());
            thread::Builder::new().spawn_scoped(scope, route).inspect_err(|_| end_all())
        };
        let running: Vec<_> = routes.into_iter().zip(reports).map(start).collect();
        running.into_iter().try_for_each(|route| {
            route?.join().unwrap_or_else(|_| Err(io::Error::other("a panic")))
        })
    })
}

/// This thread for all of them.
fn relay(
    routes: Vec<Bound>,
    reports: &[Report],
    options: Options,
    policy: &Policy,
) -> io::Result<()> {
    let route = |Bound { listener, upstream }: Bound| {
        // The relay closes its own on Ctrl-C. While the other one is open, clients would still be let
        // in, so it goes here.
        Ok(relay::Route { listener: listener.try_clone()?, upstream })
    };
    let routes = routes.into_iter().map(route).collect::<io::Result<_>>()?;
    let (stop, mut logs) = (&policy.stop, Logs::new(reports));
    Relay::new(routes, options)?.run(&mut logs, || stop.is_requested(), || stop.is_abandoned())?;
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
