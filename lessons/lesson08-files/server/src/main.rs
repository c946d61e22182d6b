//! The program around lesson 08's server: its options, and nothing that teaches sockets.

mod program;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, anyhow};
use bytesize::ByteSize;
use clap::Parser;
use console::ServerArgs;
use endpoint::Listener;
use lesson08_server::{Store, serve};
use partial::Folder;

use program::log::TransferLog;

language::catalogue!();

/// Files: list, get and put, each verified by its MD5, and resumed where it stopped.
///
/// Terminal 1: cargo run -p lesson08-server
/// Terminal 2: cargo run -p lesson08-client -- put Cargo.toml
///             cargo run -p lesson08-client -- list
///             cargo run -p lesson08-client -- --into /tmp get Cargo.toml
///
/// For the tutorial's own programs: cargo run -p lesson08-server -- --dialect tutorial
/// (they can only get; put the files into the root yourself)
#[derive(Debug, Parser)]
#[command(name = "lesson08-server", version, verbatim_doc_comment)]
struct Args {
    /// The folder of the files; it is made if it is missing. No name leads out of it.
    #[arg(long, value_name = "DIR", default_value = "./lesson08-files")]
    root: PathBuf,
    /// Take no files.
    #[arg(long)]
    read_only: bool,
    /// How long a file may be that is taken.
    #[arg(long, value_name = "SIZE", default_value = "16GiB", value_parser = size)]
    max_size: u64,
    #[command(flatten)]
    server: ServerArgs,
}

fn main() -> ExitCode {
    console::run(8008, CATALOGUE, |args: Args| {
        // No folder is made for a server that may not listen there.
        let (address, policy) = (args.server.address()?, args.server.policy()?);
        let root = args.root.display();
        let store = Store {
            folder: Folder::open_or_make(&args.root).map_err(|error| {
                anyhow!("cannot keep files in {root}: {error}; choose another folder with --root")
            })?,
            read_only: args.read_only,
            max_size: args.max_size,
            max_message: args.server.limits.max_message,
        };
        let log = args.server.log(&policy);
        let listener = Listener::bind(address, policy)?;
        let stop = &listener.policy().stop;
        let observe = |connection: &_| TransferLog::new(&log, connection, stop);
        serve(&listener, &store, args.server.dialect, observe).context("cannot accept clients")
    })
}

/// A size in bytes, which may be more than this machine can address: `1024`, `64KiB`, `16GiB`.
fn size(text: &str) -> Result<u64, String> {
    let size: ByteSize = text.parse().map_err(|_| "write for example 1024, 64KiB or 16GiB")?;
    Ok(size.as_u64())
}
