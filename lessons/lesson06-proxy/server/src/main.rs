//! The program around lesson 06's server: its options, and nothing that teaches sockets.

mod program;

use std::net::SocketAddr;
use std::process::ExitCode;

use anyhow::Context;
use clap::{Parser, ValueEnum};
use console::{ServerArgs, Usage};
use endpoint::{Address, Listener};
use fault::stream::{Directed, Spec};
use wire::FramingPair;

use crate::program::engine::{Bound, Engine};
use crate::program::route_log;
use crate::program::routes::{PORT, Ports, Route, UPSTREAM_PORT, leads_back};
use crate::program::view::{Messages, View};

language::catalogue!();

/// How many descriptors a connection may need: two sockets, and a pipe each way.
const DESCRIPTORS_PER_CONNECTION: usize = 6;

/// Proxy: stand between a client and its server, pass on every byte, and see all of them.
///
/// Terminal 1: cargo run -p lesson05-server
/// Terminal 2: cargo run -p lesson06-server -- --hex
/// Terminal 3: cargo run -p lesson05-client -- --connect 127.0.0.1:8006
///
/// The tutorial's two threads: cargo run -p lesson06-server -- --engine threads
/// A network as it may be: cargo run -p lesson06-server -- --fault slice=1 --fault latency=20ms
/// Lesson 03's frames: cargo run -p lesson06-server -- --frames --upstream 8003
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
    engine: Kind,
    #[arg(long, value_name = "NAME=…", help = fault_help())]
    fault: Vec<Directed>,
    /// The same seed does the same to the same bytes.
    #[arg(long, value_name = "N", default_value = "1", requires = "fault")]
    seed: u64,
    #[command(flatten)]
    server: ServerArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// One thread for all connections, which waits for none of them.
    Relay,
    /// Two threads for each connection, as in the tutorial.
    Threads,
}

fn fault_help() -> String {
    format!(
        "Do this to the bytes on their way: {}; in one direction with up: or down: in front; may be \
         given several times",
        Spec::help_forms().join(", ")
    )
}

fn main() -> ExitCode {
    console::run(PORT, CATALOGUE, |args: Args| {
        let engine = args.engine()?;
        let routes = args.resolve(args.routes()?)?;
        let policy = args.server.policy()?;
        let server_log = args.server.log(&policy);
        let limits = &policy.limits;
        endpoint::raise_descriptor_limit(
            limits
                .max_connections
                .saturating_mul(DESCRIPTORS_PER_CONNECTION)
                .saturating_add(routes.len()),
        );
        // All listening sockets are bound before any client is served.
        let bind = |(listen, upstream)| {
            Ok(Bound { listener: Listener::bind(listen, policy.clone())?, upstream })
        };
        let bound = routes.into_iter().map(bind).collect::<Result<_, endpoint::Error>>()?;
        let messages = args.frames.map(|pair| pair.map_or(Messages::Frames, Messages::Framed));
        let view = View { hex: args.hex || args.server.trace, messages };
        let totals = engine.run(bound, view, &server_log).context("cannot relay any longer")?;
        console::say(route_log::in_words(&totals));
        Ok(())
    })
}

impl Args {
    fn engine(&self) -> Result<Engine, Usage> {
        match self.engine {
            Kind::Relay => Ok(Engine::Relay { faults: self.fault.clone(), seed: self.seed }),
            Kind::Threads if self.fault.is_empty() => Ok(Engine::Threads),
            Kind::Threads => Err(Usage("--fault goes with --engine relay".to_owned())),
        }
    }

    /// The routes as the command line has them.
    fn routes(&self) -> anyhow::Result<Vec<Route>> {
        match (&self.ports, &self.upstream) {
            (Some(ports), Some(host)) => Ok(ports.routes(host)?),
            (_, None) if !self.route.is_empty() => Ok(self.route.clone()),
            (_, upstream) => {
                let upstream = upstream.as_deref().unwrap_or("127.0.0.1");
                let upstream = Address::parse(upstream, UPSTREAM_PORT)
                    .map_err(|error| Usage(error.to_string()))?;
                Ok(vec![Route { listen: self.server.listen.clone(), upstream }])
            }
        }
    }

    /// The addresses of these routes, once it is sure that they may be bound, and that no call goes round in
    /// a circle.
    fn resolve(&self, routes: Vec<Route>) -> anyhow::Result<Vec<(SocketAddr, Vec<SocketAddr>)>> {
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
