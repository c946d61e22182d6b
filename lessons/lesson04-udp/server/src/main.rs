//! The program around lesson 04's server: its options, and nothing that teaches sockets.

use std::process::ExitCode;

use anyhow::Context;
use clap::{Parser, ValueEnum};
use console::{DatagramFaults, ServerArgs, Usage};
use endpoint::Error;
use lesson04_server::{Service, bind, serve};
use wire::Encoding;

language::catalogue!();

/// UDP: socket, bind, recvfrom, sendto.
///
/// Terminal 1: cargo run -p lesson04-server
/// Terminal 2: cargo run -p lesson04-client
///
/// Over a link that loses a third of everything:
/// Terminal 1: cargo run -p lesson04-server -- --fault loss=30%
/// Terminal 2: cargo run -p lesson04-client -- --fault loss=30%
#[derive(Debug, Parser)]
#[command(name = "lesson04-server", version, verbatim_doc_comment)]
struct Args {
    /// What to do with a datagram.
    #[arg(long, value_enum, default_value = "upper")]
    service: Kind,
    /// What `reply` answers [default: Welcome to hear].
    #[arg(long)]
    text: Option<String>,
    /// The encoding of `reply`'s text: utf-8, gbk, big5, …
    #[arg(long, value_name = "NAME", default_value = "utf-8")]
    encoding: Encoding,
    /// For how many bytes of a datagram there is room; the rest of it is lost.
    #[arg(long, value_name = "N", default_value = "1024", value_parser = clap::value_parser!(u16).range(1..))]
    buffer: u16,
    /// What takes files is lesson 09's; who types it here is told so.
    #[arg(long, hide = true, value_parser = moved)]
    receive: Option<String>,
    #[command(flatten)]
    faults: DatagramFaults,
    #[command(flatten)]
    server: ServerArgs,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Kind {
    /// Answer with the request in upper case.
    Upper,
    /// Answer every request with --text.
    Reply,
}

fn main() -> ExitCode {
    console::run(8004, CATALOGUE, |args: Args| {
        if args.text.is_some() && matches!(args.service, Kind::Upper) {
            return Err(Usage("--text goes with --service reply".into()).into());
        }
        let address = args.server.address()?;
        let policy = args.server.policy()?;
        let server_log = args.server.log(&policy);
        let socket = bind(address).map_err(|source| Error::Bind { address, source })?;
        policy.listening(&socket).context("cannot tell where the socket is bound")?;
        let socket = args.faults.datagrams(socket, &policy);
        let text = args.text.as_deref().unwrap_or("Welcome to hear");
        let service = match args.service {
            Kind::Upper => Service::Upper,
            Kind::Reply => Service::Reply(args.encoding.encode(text)),
        };
        serve(&socket, &service, args.buffer.into(), &policy, &server_log)
            .context("cannot receive datagrams")
    })
}

fn moved(_: &str) -> Result<String, &'static str> {
    Err("files are lesson 09's: cargo run -p lesson09-server -- --root DIR")
}
