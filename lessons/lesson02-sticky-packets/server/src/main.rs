//! The program around lesson 02's server: its options, and nothing that teaches sockets.

use std::process::ExitCode;
use std::thread;
use std::time::Duration;

use anyhow::Context;
use clap::{Parser, ValueEnum};
use command::{DEFAULT_ALLOWED, Runner};
use console::{ServerArgs, Usage};
use endpoint::Opening;
use fault::{Sizes, SlicedReads};
use lesson02_server::{LIMIT, answer, converse, serve};

language::catalogue!();

/// Sticky packets, broken on purpose: one recv is taken for one message.
///
/// Terminal 1: cargo run -p lesson02-server
/// Terminal 2: cargo run -p lesson02-client
///
/// Two sends that become one message:
/// Terminal 1: cargo run -p lesson02-server -- --service messages
/// Terminal 2: cargo run -p lesson02-client -- --send hello --send world
#[derive(Debug, Parser)]
#[command(name = "lesson02-server", version, verbatim_doc_comment)]
struct Args {
    /// What to do with a message.
    #[arg(long, value_enum, default_value = "command")]
    service: Service,
    /// The sizes of the recv calls in bytes, in turn; the last one is repeated [default: 1024].
    #[arg(long, value_name = "N,…", value_delimiter = ',', value_parser = clap::value_parser!(u32).range(1..=65536))]
    reads: Vec<u32>,
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
    console::run(8002, CATALOGUE, |args: Args| {
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
        let sizes = args.reads.iter().map(|&size| size as usize).collect::<Vec<_>>();
        let sizes = Sizes::listed(if sizes.is_empty() { vec![LIMIT] } else { sizes });
        let limit = args.reads.iter().map(|&size| size as usize).fold(LIMIT, usize::max);
        let served = serve(&listener, &server_log, |connection, log| {
            if args.service == Service::Messages {
                thread::sleep(args.read_after);
            }
            // A recv of 2 bytes is a longer one that finds no more than 2.
            let mut stream = SlicedReads::new(connection, sizes.clone());
            converse(&mut stream, limit, answer, log)
        });
        served.context("cannot accept clients")
    })
}
