//! The program around lesson 01's server: its options, and nothing that teaches sockets.

use std::process::ExitCode;

use anyhow::Context;
use clap::{Parser, ValueEnum};
use console::{ServerArgs, Usage};
use endpoint::Error;
use lesson01_server::{Service, listen, serve};

language::catalogue!();

/// Basic TCP: socket, bind, listen, accept, recv, send, close.
///
/// Terminal 1: cargo run -p lesson01-server
/// Terminal 2: cargo run -p lesson01-client
///
/// Other services: cargo run -p lesson01-server -- --service reply --text 'you said [{}]'
#[derive(Debug, Parser)]
#[command(name = "lesson01-server", version, verbatim_doc_comment)]
struct Args {
    /// What to do for a client.
    #[arg(long, value_enum, default_value = "upper")]
    service: Kind,
    /// What `reply` answers, `{}` standing for the request [default: sok], or what `greet` says.
    #[arg(long)]
    text: Option<String>,
    /// Serve one client, and leave.
    #[arg(long)]
    once: bool,
    #[command(flatten)]
    server: ServerArgs,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Kind {
    /// Answer with the request in upper case.
    Upper,
    /// Answer every request with --text.
    Reply,
    /// Send --text as soon as a client has connected, and close.
    Greet,
}

fn main() -> ExitCode {
    console::run(8001, CATALOGUE, |args: Args| {
        if args.text.is_some() && matches!(args.service, Kind::Upper) {
            return Err(Usage("--text goes with --service reply or greet".into()).into());
        }
        let text = |default: &str| args.text.clone().unwrap_or_else(|| default.to_owned());
        let service = match args.service {
            Kind::Upper => Service::Upper,
            Kind::Reply => Service::Reply(text("sok")),
            Kind::Greet => Service::Greet(text("|------成功连接服务端!------|")),
        };
        let address = args.server.address()?;
        let policy = args.server.policy()?;
        let server_log = args.server.log(&policy);
        let listener = listen(address).map_err(|source| Error::Bind { address, source })?;
        policy.listening(&listener).context("cannot tell where the socket listens")?;
        serve(&listener, &service, &policy, &server_log, args.once).context("cannot accept clients")
    })
}
