//! The program around lesson 05's server: its options, and nothing that teaches sockets.

use std::process::ExitCode;

use anyhow::Context;
use clap::{Parser, ValueEnum};
use command::{DEFAULT_ALLOWED, Runner};
use console::{Dialect, Log, ServerArgs, ServerLog, Usage};
use endpoint::{Connection, Datagrams, Listener, Opening, Policy};
use lesson05_server::{
    LengthHeaders, Service, Totals, converse, datagrams, event, pool, serial, threads,
};

language::catalogue!();

/// Threaded server: one client at a time, a thread each, a pool of threads, and one thread for all.
///
/// Terminal 1: cargo run -p lesson05-server
/// Terminal 2: cargo run -p lesson05-client
/// Terminal 3: cargo run -p lesson05-client
///
/// The problem: cargo run -p lesson05-server -- --model serial
/// A remote command for many: cargo run -p lesson05-server -- --service command
/// (and its client: cargo run -p lesson05-client -- --service command)
#[derive(Debug, Parser)]
#[command(name = "lesson05-server", version, verbatim_doc_comment)]
struct Args {
    /// How clients share the server.
    #[arg(long, value_enum, default_value = "thread")]
    model: Model,
    /// The number of threads of `pool` [default: 64].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    workers: Option<u16>,
    /// How many clients may wait for a thread of `pool` [default: 64]; with 0, whoever comes when no
    /// thread is waiting at that moment is refused.
    #[arg(long, value_name = "N")]
    queue: Option<u16>,
    /// What to do for a client.
    #[arg(long, value_enum, default_value = "upper")]
    service: Kind,
    /// What `reply` answers, `{}` standing for the request [default: sok].
    #[arg(long)]
    text: Option<String>,
    /// Answer datagrams instead of connections; with the models `serial` and `thread`.
    #[arg(long)]
    udp: bool,
    /// The programs that `command` may run.
    #[arg(long, value_name = "PROG,…", value_delimiter = ',', default_values = DEFAULT_ALLOWED)]
    allow: Vec<String>,
    /// Run anything, through a shell. Any program on this machine can then do what you can do.
    #[arg(long, conflicts_with = "allow")]
    shell: bool,
    #[command(flatten)]
    server: ServerArgs,
}

/// A pool's threads, and how many clients may wait for one, unless the command line says otherwise.
const POOL_DEFAULT: u16 = 64;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Model {
    /// One client after the other.
    Serial,
    /// A thread for each client.
    Thread,
    /// A fixed number of threads, and a queue before them.
    Pool,
    /// One thread for all clients, which are served as they become ready.
    Event,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// Answer with the request in upper case.
    Upper,
    /// Answer every request with --text.
    Reply,
    /// Run it as a command, and answer with what the command prints, its length in front.
    Command,
}

fn main() -> ExitCode {
    console::run(8005, CATALOGUE, |args: Args| {
        check(&args)?;
        let address = args.server.address()?;
        let policy = args.server.policy()?;
        let server_log = args.server.log(&policy);
        let service = service(&args, &policy);
        let totals = match args.udp {
            true => {
                let socket = Datagrams::bind(address, &policy)?;
                match args.model {
                    Model::Serial => datagrams::serial(&socket, &service, &policy, &server_log),
                    _ => datagrams::threads(&socket, &service, &policy, &server_log),
                }
            }
            false => {
                let mut listener = Listener::bind(address, policy)?;
                if args.service == Kind::Command {
                    listener = listener.with_opening(Opening::of_commands());
                }
                serve(&args, &listener, &server_log, &service)
            }
        };
        console::say(totals.context("cannot serve any longer")?);
        Ok(())
    })
}

fn serve(
    args: &Args,
    listener: &Listener,
    server_log: &ServerLog,
    service: &Service,
) -> std::io::Result<Totals> {
    let headers = match (args.service, args.server.dialect) {
        (Kind::Upper | Kind::Reply, _) => LengthHeaders::None,
        (Kind::Command, Dialect::Tutorial) => LengthHeaders::Answers,
        (Kind::Command, Dialect::Ours) => LengthHeaders::All,
    };
    let limit = args.server.limits.max_message;
    let conversation = |connection: &mut Connection, log: &mut Log| {
        converse(connection, service, headers, limit, log)
    };
    match args.model {
        Model::Serial => serial(listener, server_log, conversation),
        Model::Thread => threads(listener, server_log, headers, conversation),
        Model::Pool => {
            // A client that waits is connected too.
            let limit = args.server.limits.max_connections;
            let workers = limit.min(args.workers.unwrap_or(POOL_DEFAULT).into());
            let queue = (limit - workers).min(args.queue.unwrap_or(POOL_DEFAULT).into());
            pool::pool(listener, server_log, headers, workers, queue, conversation)
        }
        Model::Event => event::serve(listener, server_log, service),
    }
}

fn service(args: &Args, policy: &Policy) -> Service {
    let runner = if args.shell { Runner::shell() } else { Runner::allowing(&args.allow) };
    match args.service {
        Kind::Upper => Service::Upper,
        Kind::Reply => Service::Reply(args.text.clone().unwrap_or_else(|| "sok".to_owned())),
        Kind::Command => Service::Command(runner.stopped_by(policy.stop.abandoned())),
    }
}

/// Refuses what does not go together, and what would do nothing.
fn check(args: &Args) -> Result<(), Usage> {
    let wrong = |why: &str| Err(Usage(why.to_owned()));
    if args.shell && args.server.expose {
        return wrong("--shell with --expose would let anyone run anything");
    }
    if args.udp && matches!(args.model, Model::Pool | Model::Event) {
        return wrong("--udp goes with --model serial or thread");
    }
    if args.service == Kind::Command && (args.udp || args.model == Model::Event) {
        return wrong(
            "--service command needs a connection and a thread: no --udp, no --model event",
        );
    }
    if args.model != Model::Pool && (args.workers.is_some() || args.queue.is_some()) {
        return wrong("--workers and --queue go with --model pool");
    }
    if args.service != Kind::Reply && args.text.is_some() {
        return wrong("--text goes with --service reply");
    }
    if args.service != Kind::Command && (args.shell || args.allow != DEFAULT_ALLOWED) {
        return wrong("--shell and --allow go with --service command");
    }
    Ok(())
}
