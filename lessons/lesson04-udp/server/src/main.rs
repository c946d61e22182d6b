//! The program around lesson 04's server: its options, and nothing that teaches sockets.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::{Parser, ValueEnum};
use console::{DatagramFaults, ServerArgs, Usage};
use endpoint::Error;
use lesson04_server::{Service, bind, files, serve};
use wire::Encoding;

/// UDP: socket, bind, recvfrom, sendto; and what it takes to send a file by it.
///
/// Terminal 1: cargo run -p lesson04-server
/// Terminal 2: cargo run -p lesson04-client
///
/// A file over a link that loses a third of everything:
/// Terminal 1: cargo run -p lesson04-server -- --receive received --fault loss=30%
/// Terminal 2: cargo run -p lesson04-client -- send Cargo.lock --fault loss=30%
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
    /// Take files instead, and put them into this folder, which is made if it is missing.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["service", "text", "encoding", "buffer"])]
    receive: Option<PathBuf>,
    /// How large a file may be.
    #[arg(long, value_name = "SIZE", default_value = "4GiB", value_parser = console::size, requires = "receive")]
    max_size: usize,
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
    console::run(8004, |args: Args| {
        if args.text.is_some() && matches!(args.service, Kind::Upper) {
            return Err(Usage("--text goes with --service reply".into()).into());
        }
        let open = |folder: &PathBuf| {
            files::open(folder)
                .with_context(|| format!("cannot use {} as the folder for files", folder.display()))
        };
        let folder = args.receive.as_ref().map(open).transpose()?;
        let address = args.server.address()?;
        let policy = args.server.policy()?;
        let server_log = args.server.log(&policy);
        let socket = bind(address).map_err(|source| Error::Bind { address, source })?;
        policy.listening(&socket).context("cannot tell where the socket is bound")?;
        if folder.is_some() {
            // Less will do, only slower.
            _ = socket.set_recv_buffer_size(files::KEPT);
        }
        let socket = args.faults.datagrams(socket, &policy);
        if let Some(folder) = &folder {
            let max_size = args.max_size as u64;
            let served =
                files::serve(&socket.without_notices(), folder, max_size, &policy, &server_log);
            return served.context("cannot receive datagrams");
        }
        let text = args.text.as_deref().unwrap_or("Welcome to hear");
        let service = match args.service {
            Kind::Upper => Service::Upper,
            Kind::Reply => Service::Reply(args.encoding.encode(text)),
        };
        serve(&socket, &service, args.buffer.into(), &policy, &server_log)
            .context("cannot receive datagrams")
    })
}
