//! What moves the bytes: this lesson's threads, or the crate `relay`. Either way each route has a
//! thread that accepts its clients, as the tutorial has one for each port.

use std::io;
use std::net::SocketAddr;
use std::thread;

use endpoint::Listener;
use fault::stream::Directed;
use relay::{Options, Relay, Totals};

use crate::report::{Logs, Report, View};
use crate::{CONNECT_TIMEOUT, serve};

/// What moves the bytes.
#[derive(Debug, Clone)]
pub enum Engine {
    /// Two threads for each connection: this lesson's `lib.rs`.
    Threads,
    /// The route's one thread, for all its connections.
    Relay {
        /// What is to become of the bytes on their way.
        faults: Vec<Directed>,
        /// The same seed does the same to the same connection of a route.
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
    /// Runs all routes until Ctrl-C, and until their connections have ended or are abandoned. A limit
    /// on connections holds for each route.
    ///
    /// # Errors
    /// When a listening socket fails, or the system cannot run a route. Then all routes end.
    pub fn run(&self, routes: Vec<Bound>, view: View) -> io::Result<Totals> {
        let several = routes.len() > 1;
        let Some(first) = routes.first() else { return Ok(Totals::default()) };
        let stop = first.listener.policy().stop.clone();
        let end_all = || {
            stop.request();
            stop.abandon();
        };
        thread::scope(|scope| {
            let start = |Bound { listener, upstream }: Bound| {
                let report = Report::new(listener.address(), several, view, listener.policy());
                let route = move || {
                    let outcome = self.run_one(listener, upstream, &report);
                    outcome.map(|()| report.totals()).inspect_err(|_| end_all())
                };
                thread::Builder::new().spawn_scoped(scope, route).inspect_err(|_| end_all())
            };
            let running: Vec<_> = routes.into_iter().map(start).collect();
            let mut sum = Totals::default();
            for route in running {
                let totals = route?.join().unwrap_or_else(|_| Err(io::Error::other("a panic")))?;
                sum.connections += totals.connections;
                sum.refused += totals.refused;
                sum.up += totals.up;
                sum.down += totals.down;
            }
            Ok(sum)
        })
    }

    fn run_one(
        &self,
        listener: Listener,
        upstream: Vec<SocketAddr>,
        report: &Report,
    ) -> io::Result<()> {
        let Engine::Relay { faults, seed } = self else {
            return serve(listener, &upstream, report);
        };
        let policy = listener.policy().clone();
        let options = Options {
            idle_timeout: policy.limits.idle_timeout,
            connect_timeout: CONNECT_TIMEOUT,
            max_connections: policy.limits.max_connections,
            faults: faults.clone(),
            seed: *seed,
            look: report.looks(),
        };
        let route = relay::Route { listener: listener.try_clone()?, upstream };
        // The relay closes its own on Ctrl-C. While this one is open, clients would still be let in.
        drop(listener);
        let stop = &policy.stop;
        Relay::new(vec![route], options)?.run(
            &mut Logs::new(report),
            || stop.is_requested(),
            || stop.is_abandoned(),
        )?;
        Ok(())
    }
}
