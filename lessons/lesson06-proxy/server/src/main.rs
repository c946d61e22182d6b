//! The program around lesson 06's server: its options, and nothing that teaches sockets.

mod program;

use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use clap::Parser;
use console::{ServerArgs, Usage, callable_address};
use endpoint::{Listener, Policy};
use fault::spec::Family;
use fault::{Directed, Faults, datagram, stream};
use wire::FramingPair;

use crate::program::engine::{Bound, Engine};
use crate::program::flow_log;
use crate::program::route_log;
use crate::program::routes::{PORT, Ports, Route, UPSTREAM_PORT, leads_back};
use crate::program::udp::Udp;
use crate::program::view::{Messages, View};

language::catalogue!();

/// How many descriptors a connection may need: two sockets, and a pipe each way.
const DESCRIPTORS_PER_CONNECTION: usize = 6;

/// How many descriptors a flow of datagrams needs: its socket.
const DESCRIPTORS_PER_FLOW: usize = 1;

/// Proxy: stand between a client and its server, pass on every byte, and see all of them.
///
/// Terminal 1: cargo run -p lesson05-server
/// Terminal 2: cargo run -p lesson06-server -- --hex
/// Terminal 3: cargo run -p lesson05-client -- --connect 127.0.0.1:8006
///
/// The tutorial's two threads: cargo run -p lesson06-server -- --engine threads
/// A network as it may be: cargo run -p lesson06-server -- --fault slice=1 --fault latency=20ms
/// Lesson 03's frames: cargo run -p lesson06-server -- --frames --upstream 8003
/// Datagrams: cargo run -p lesson06-server -- --udp --upstream 8004 --fault loss=20%
///
/// Type `help` while it runs: other faults may be had at any time, for connections that stand too.
#[derive(Debug, Parser)]
#[command(name = "lesson06-server", version, verbatim_doc_comment)]
// A proxy knows of no messages, so for it some options of every server mean something else.
#[command(mut_arg("trace", |trace| trace.help("The same as --hex")))]
#[command(mut_arg("dialect", |dialect| dialect.help("Changes nothing: a proxy passes on any bytes")))]
#[command(mut_arg("idle_timeout", |time| time.help("How long both sides may be silent")))]
#[command(mut_arg("message_timeout", |time| time.help("Changes nothing: a proxy waits as long as \
    --idle-timeout")))]
#[command(mut_arg("max_message", |size| size.help("How long a frame may be for --frames")))]
struct Args {
    /// Where to lead clients: `host:port`, `[v6]:port`, a name, or a port [default: 127.0.0.1:8005].
    #[arg(long, value_name = "ADDR")]
    upstream: Option<String>,
    /// Listen in one place, and lead to another; may be given several times.
    #[arg(long, value_name = "LISTEN=UPSTREAM", conflicts_with_all = ["listen", "upstream", "ports"])]
    route: Vec<Route>,
    /// Listen on each of these ports (of HOST: in front), and lead to the same port of --upstream,
    /// a host alone.
    #[arg(long, value_name = "FIRST-LAST", conflicts_with = "listen", requires = "upstream")]
    ports: Option<Ports>,
    /// Show each piece as it comes, up to 100 bytes of it in hexadecimal.
    #[arg(long)]
    hex: bool,
    /// Show messages, however the pieces are cut: this project's frames and JSON headers, or those of
    /// FRAMING, or of REQUEST,ANSWER: `>I`, `<H+self`, `digits:10`, `line`, …
    #[arg(long, value_name = "FRAMING")]
    frames: Option<Option<FramingPair>>,
    /// What moves the bytes.
    #[arg(long, value_enum, default_value = "relay")]
    engine: Engine,
    /// Pass on datagrams (UDP) instead of connections (TCP).
    #[arg(long, conflicts_with_all = ["engine", "frames"])]
    udp: bool,
    /// With --udp: after how long without a datagram a client's flow ends. There are at most as many flows as
    /// --max-connections says.
    #[arg(long, value_name = "TIME", default_value = "2m", requires = "udp", value_parser = console::duration)]
    flow_timeout: Duration,
    #[arg(long, value_name = "NAME=…", help = fault_help())]
    fault: Vec<String>,
    /// The same seed does the same to the same bytes.
    #[arg(long, value_name = "N", default_value = "1")]
    seed: u64,
    #[command(flatten)]
    server: ServerArgs,
}

fn fault_help() -> String {
    format!(
        "Do this to what is on its way: {}; with --udp: {}; in one direction with up: or down: in \
         front; may be given several times. A latency makes room for what is on its way meanwhile, up \
         to 64 MiB each way and 256 MiB in all",
        stream::Spec::help_forms().join(", "),
        datagram::Spec::help_forms().join(", ")
    )
}

fn main() -> ExitCode {
    console::run(PORT, CATALOGUE, |args: Args| {
        let routes = args.resolve(args.routes()?)?;
        match args.udp {
            true => run_udp(args, routes),
            false => run_tcp(args, routes),
        }
    })
}

fn run_tcp(args: Args, routes: Vec<Resolved>) -> anyhow::Result<()> {
    let faults = args.faults()?;
    let policy = args.server.policy()?;
    let server_log = args.server.log(&policy);
    raise_descriptor_limit(&policy, DESCRIPTORS_PER_CONNECTION, &routes);
    // All listening sockets are bound before any client is served.
    let bind = |(listen, upstream)| {
        Ok(Bound { listener: Listener::bind(listen, policy.clone())?, upstream })
    };
    let bound = routes.into_iter().map(bind).collect::<Result<_, endpoint::Error>>()?;
    let messages = args.frames.map(|pair| pair.map_or(Messages::Frames, Messages::Framed));
    let view = View { hex: args.hex || args.server.trace, messages };
    let totals = args.engine.run(bound, faults, view, &server_log);
    console::say(route_log::in_words(&totals.context("cannot relay any longer")?));
    Ok(())
}

fn run_udp(args: Args, routes: Vec<Resolved>) -> anyhow::Result<()> {
    let (faults, flow_timeout) = (args.faults()?, args.flow_timeout);
    let policy = args.server.policy()?;
    let server_log = args.server.log(&policy);
    raise_descriptor_limit(&policy, DESCRIPTORS_PER_FLOW, &routes);
    let udp = Udp { faults, flow_timeout, hex: args.hex || args.server.trace };
    let totals = udp.run(routes, &policy, &server_log)?;
    console::say(flow_log::in_words(&totals));
    Ok(())
}

/// Where clients come in, and the addresses of the server that they are led to.
type Resolved = (SocketAddr, Vec<SocketAddr>);

/// Each client needs so many descriptors, and each route two: its socket, and a copy.
fn raise_descriptor_limit(policy: &Policy, each: usize, routes: &[Resolved]) {
    let clients = policy.limits.max_connections.saturating_mul(each);
    endpoint::raise_descriptor_limit(clients.saturating_add(2 * routes.len()));
}

impl Args {
    /// The faults that the command line asks for.
    fn faults<Running: Family + ?Sized>(&self) -> Result<Faults<Running>, Usage> {
        let parse = |text: &String| {
            text.parse::<Directed<Running>>().map_err(|error| match self.is_for_the_other(text) {
                true if self.udp => Usage(format!("`{text}` is for connections, without --udp")),
                true => Usage(format!("`{text}` is for datagrams: add --udp")),
                false => Usage(format!("--fault: {error}")),
            })
        };
        Ok(Faults::new(self.fault.iter().map(parse).collect::<Result<_, _>>()?, self.seed))
    }

    /// Whether this is a fault of datagrams where connections are relayed, or the other way round.
    fn is_for_the_other(&self, text: &str) -> bool {
        match self.udp {
            true => text.parse::<stream::Directed>().is_ok(),
            false => text.parse::<datagram::Directed>().is_ok(),
        }
    }

    /// The routes as the command line has them.
    fn routes(&self) -> anyhow::Result<Vec<Route>> {
        match (&self.ports, &self.upstream) {
            (Some(ports), Some(host)) => Ok(ports.routes(host)?),
            (_, None) if !self.route.is_empty() => Ok(self.route.clone()),
            (_, upstream) => {
                let upstream = upstream.as_deref().unwrap_or("127.0.0.1");
                let upstream = callable_address(upstream, UPSTREAM_PORT).map_err(Usage)?;
                Ok(vec![Route { listen: self.server.listen.clone(), upstream }])
            }
        }
    }

    /// The addresses of these routes, once it is sure that they may be bound, and that no call goes round in
    /// a circle.
    fn resolve(&self, routes: Vec<Route>) -> anyhow::Result<Vec<Resolved>> {
        let each = |Route { listen, upstream }: Route| {
            Ok((self.server.address_of(&listen)?, upstream.resolve()?))
        };
        let routes = routes.into_iter().map(each).collect::<Result<Vec<_>, endpoint::Error>>()?;
        for upstream in routes.iter().flat_map(|(_, upstream)| upstream) {
            if routes.iter().any(|(listen, _)| leads_back(*listen, *upstream)) {
                return Err(Usage(format!("{upstream} is where this proxy listens itself")).into());
            }
        }
        Ok(routes)
    }
}
