//! One way to the server, measured: over so many connections at once, with a thread for each.

use std::io;
use std::panic::resume_unwind;
use std::thread;
use std::time::Duration;

use anyhow::Context;
use console::ClientArgs;
use endpoint::{Connection, Progress};
use fastrand::Rng;
use hdrhistogram::Histogram;
use lesson06_client::{EXCHANGE_SIZE, Error, Half, bulk, exchange, random_bytes};

/// What is measured: over each connection the small exchanges first, and then the bulk transfer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    pub(crate) connections: u16,
    /// How many small exchanges.
    pub(crate) count: u64,
    /// How many bytes the bulk transfer sends.
    pub(crate) size: u64,
    pub(crate) seed: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Proxy,
    Direct,
}

pub(crate) struct Measured {
    /// How long each small exchange took, in nanoseconds.
    pub(crate) latencies: Histogram<u64>,
    /// How many bytes a second went to the server, while as many came back.
    pub(crate) throughput: f64,
}

/// A connection: one handle for each of its two directions, and another to end one of them.
struct Link {
    way: Way,
    name: String,
    random: Rng,
    /// How many bytes went to the server, and came back right.
    done: u64,
    receiving: Half<Connection, Progress>,
    sending: Half<Connection, Progress>,
    connection: Connection,
}

/// Measures one way: makes all connections, then does all small exchanges, then all bulk transfers.
pub(crate) fn probe(client: &ClientArgs, plan: Plan, way: Way) -> anyhow::Result<Measured> {
    let mut seeds = Rng::with_seed(plan.seed);
    let mut links = Vec::new();
    for number in 1..=plan.connections {
        // Each connection has bytes of its own, so that a proxy is found out which exchanges two of
        // them.
        let name = format!("connection {number} of {}", plan.connections);
        links.push(Link::dial(client, way, name, seeds.fork())?);
    }
    let mut latencies = Histogram::new(3)?;
    for some in each(&mut links, |link| link.exchange_all(plan.count))? {
        latencies.add(some)?;
    }
    let times = each(&mut links, |link| link.bulk(plan.size))?;
    let longest = times.into_iter().max().unwrap_or_default();
    let sent = plan.size as f64 * f64::from(plan.connections);
    Ok(Measured { latencies, throughput: sent / longest.as_secs_f64() })
}

/// Lets all connections do the same at the same time, and waits for all of them.
fn each<T: Send>(
    links: &mut [Link],
    work: impl Fn(&mut Link) -> anyhow::Result<T> + Sync,
) -> anyhow::Result<Vec<T>> {
    let work = &work;
    thread::scope(|scope| {
        let start = |link| thread::Builder::new().spawn_scoped(scope, move || work(link));
        let threads: io::Result<Vec<_>> = links.iter_mut().map(start).collect();
        let threads = threads.context("cannot start a thread for each connection")?;
        let join = |thread: thread::ScopedJoinHandle<'_, anyhow::Result<T>>| {
            thread.join().unwrap_or_else(|panic| resume_unwind(panic))
        };
        threads.into_iter().map(join).collect()
    })
}

impl Link {
    fn dial(client: &ClientArgs, way: Way, name: String, random: Rng) -> anyhow::Result<Link> {
        let connection = client.connect()?;
        // A connection has deadlines for one direction at a time, so each has its own.
        let half = || {
            let stream = connection.clone_handle();
            let observer = stream.progress();
            Half { stream, observer }
        };
        let (receiving, sending) = (half(), half());
        Ok(Link { way, name, random, done: 0, receiving, sending, connection })
    }

    fn exchange_all(&mut self, count: u64) -> anyhow::Result<Histogram<u64>> {
        let mut latencies = Histogram::new(3)?;
        for number in 1..=count {
            let request = random_bytes(&mut self.random, EXCHANGE_SIZE);
            let Half { stream, observer } = &mut self.receiving;
            let latency = exchange(stream, &request, observer)
                .map_err(|error| self.failed(&format!("exchange {number} of {count}"), error))?;
            self.done += request.len() as u64;
            latencies.record(u64::try_from(latency.as_nanos())?)?;
        }
        Ok(latencies)
    }

    fn bulk(&mut self, size: u64) -> anyhow::Result<Duration> {
        let half_close = || self.connection.half_close();
        let seed = self.random.u64(..);
        bulk(&mut self.receiving, &mut self.sending, half_close, seed, size)
            .map_err(|error| self.failed("bulk transfer", error))
    }

    /// An error in one line: where it came up, and what its cause may be.
    fn failed(&self, what: &str, error: Error) -> anyhow::Error {
        let error = error.after(self.done);
        let advice = match (&error, self.way) {
            (Error::NoEnd { .. }, Way::Proxy) => "; the proxy passed on no end of the stream",
            (Error::NoEnd { .. }, Way::Direct) => "; the server answers no end with its own",
            (Error::Ended { at: 0, .. } | Error::Broken { at: 0, .. }, Way::Proxy) => {
                "; does the proxy reach its server?"
            }
            (Error::Wrong { at: 0, .. }, _) => {
                "; is the server an echo in upper case, such as lesson05-server?"
            }
            _ => "",
        };
        anyhow::anyhow!("{}, {what}: {error}{advice}", self.name)
    }
}
