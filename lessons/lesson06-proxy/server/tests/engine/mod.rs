//! Both engines, to be run in a test: this lesson's threads, and the crate `relay`.

use std::io;
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};
use std::thread;

use endpoint::crowd::Places;
use endpoint::{Limits, Listener, Policy, Stop};
use fault::stream::{Directed, Direction, Faults};
use lesson06_server::{CONNECT_TIMEOUT, Observer, Side, copy, serve};
use relay::{Options, Refusal, Relay, Route, Summary, Totals};

#[derive(Debug, Clone)]
pub(crate) enum Engine {
    Threads,
    /// With these faults.
    Relay(Vec<Directed>),
}

/// Routes that are bound, and not served yet.
pub(crate) struct Bound {
    /// Where each route listens.
    pub(crate) addresses: Vec<SocketAddr>,
    pub(crate) stop: Stop,
    routes: Vec<(Listener, SocketAddr)>,
    policy: Policy,
}

pub(crate) fn bind(upstreams: &[SocketAddr], limits: Limits) -> Bound {
    let policy = Policy::new(limits);
    let loopback = SocketAddr::from(([127, 0, 0, 1], 0));
    let bind = |&upstream| (Listener::bind(loopback, policy.clone()).unwrap(), upstream);
    let routes: Vec<_> = upstreams.iter().map(bind).collect();
    let addresses = routes.iter().map(|(listener, _)| listener.address()).collect();
    Bound { addresses, stop: policy.stop.clone(), routes, policy }
}

impl Bound {
    /// Serves all routes, until the request to stop.
    pub(crate) fn run(self, engine: &Engine) -> io::Result<Totals> {
        match engine {
            Engine::Threads => self.threads(),
            Engine::Relay(faults) => self.relay(faults.clone()),
        }
    }

    fn threads(self) -> io::Result<Totals> {
        let (counts, places) = (Counts::default(), Places::new(self.policy.limits.max_connections));
        thread::scope(|scope| {
            for (listener, upstream) in self.routes {
                let (counts, places) = (&counts, &places);
                scope.spawn(move || serve(listener, &[upstream], places, counts).unwrap());
            }
        });
        Ok(counts.0.into_inner().unwrap_or_else(PoisonError::into_inner))
    }

    fn relay(self, faults: Vec<Directed>) -> io::Result<Totals> {
        let limits = &self.policy.limits;
        let options = Options {
            idle_timeout: limits.idle_timeout,
            connect_timeout: CONNECT_TIMEOUT,
            max_connections: limits.max_connections,
            faults: Faults::new(faults, 1),
            ..Options::default()
        };
        let route = |(listener, upstream): (Listener, _)| {
            Ok(Route { listener: listener.try_clone()?, upstream: vec![upstream] })
        };
        let routes = self.routes.into_iter().map(route).collect::<io::Result<_>>()?;
        let (stop, abandoned) = (&self.stop, &self.stop);
        Relay::new(routes, options)?.run(
            &mut (),
            || stop.is_requested(),
            || abandoned.is_abandoned(),
        )
    }
}

/// Counts what the threads tell of.
#[derive(Default)]
struct Counts(Mutex<Totals>);

impl Observer for Counts {
    type Log = ();

    fn opened(&self, _: SocketAddr, _: SocketAddr) {}

    fn copy(&self, (): &(), _: Direction, from: Side<'_>, to: Side<'_>) -> io::Result<()> {
        copy(from, to, |_| {})
    }

    fn closed(&self, (): (), summary: &Summary) {
        let mut totals = self.0.lock().unwrap();
        totals.connections += 1;
        totals.up += summary.up;
        totals.down += summary.down;
    }

    fn refused(&self, _: SocketAddr, _: &Refusal) {
        self.0.lock().unwrap().refused += 1;
    }
}
