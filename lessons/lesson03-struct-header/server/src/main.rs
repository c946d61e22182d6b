//! The program around lesson 03's server: its options, and nothing that teaches sockets.

use std::process::ExitCode;
use std::thread;
use std::time::Duration;

use anyhow::Context;
use clap::{Parser, ValueEnum};
use command::{DEFAULT_ALLOWED, Runner};
use console::{Dialect, ServerArgs, Usage};
use endpoint::Opening;
use lesson03_server::header::{self, HeaderKind};
use lesson03_server::{answer, serve};

language::catalogue!();

/// Struct header, the fix: every message begins with its length.
///
/// Terminal 1: cargo run -p lesson03-server
/// Terminal 2: cargo run -p lesson03-client
///
/// Two sends that stay two messages:
/// Terminal 1: cargo run -p lesson03-server -- --service messages
/// Terminal 2: cargo run -p lesson03-client -- --send hello --send world
#[derive(Debug, Parser)]
#[command(name = "lesson03-server", version, verbatim_doc_comment)]
struct Args {
    /// What to do with a message.
    #[arg(long, value_enum, default_value = "command")]
    service: Service,
    /// How a message says its length.
    #[arg(long, value_enum, default_value = "struct")]
    header: HeaderKind,
    /// How long `messages` waits before its first recv, so that sends meet in the kernel.
    #[arg(long, value_name = "TIME", default_value = "50ms", value_parser = console::duration)]
    read_after: Duration,
    /// The programs that `command` may run.
    #[arg(long, value_name = "PROG,…", value_delimiter = ',', default_values = DEFAULT_ALLOWED)]
    allow: Vec<String>,
    /// Run anything, through a shell. Any program on this machine can then do what you can do.
    #[arg(long, conflicts_with = "allow")]
    shell: bool,
    #[command(flatten)]
    server: ServerArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Service {
    /// Run it as a command, and answer with what the command prints.
    Command,
    /// Print it, and answer nothing.
    Messages,
}

fn main() -> ExitCode {
    console::run(8003, CATALOGUE, |args: Args| {
        if args.shell && args.server.expose {
            return Err(Usage("--shell with --expose would let anyone run anything".into()).into());
        }
        let names_programs = args.shell || args.allow != DEFAULT_ALLOWED;
        if names_programs && args.service == Service::Messages {
            return Err(Usage("--shell and --allow go with --service command".into()).into());
        }
        let (mut listener, server_log) = args.server.bind()?;
        if args.service == Service::Command {
            listener = listener.with_opening(Opening::of_commands());
        }
        let runner = if args.shell { Runner::shell() } else { Runner::allowing(&args.allow) };
        let runner = runner.stopped_by(listener.policy().stop.abandoned());
        let answer = |request: &[u8]| match args.service {
            Service::Command => Some(answer(request, &runner)),
            Service::Messages => None,
        };
        let served = serve(&listener, &server_log, |connection, log| {
            if args.service == Service::Messages {
                thread::sleep(args.read_after);
            }
            let limit = args.server.limits.max_message;
            let dialect = match args.service {
                Service::Command => args.server.dialect,
                // The tutorial's one-way stream has lengths too: its bytes are ours.
                Service::Messages => Dialect::Ours,
            };
            header::converse((args.header, dialect), connection, limit, answer, log)
        });
        served.context("cannot accept clients")
    })
}
