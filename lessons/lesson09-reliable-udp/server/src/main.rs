//! The program around lesson 09's server: its options, and nothing that teaches.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, anyhow};
use clap::{Parser, value_parser};
use console::{DatagramFaults, ServerArgs};
use endpoint::{Datagrams, Notify};
use lesson09_server::{RECEIVE_BUFFER, serve};
use partial::{Folder, Quota};

language::catalogue!();

/// Reliable UDP: files in numbered datagrams, acknowledged, in order, verified.
///
/// A file over a link that loses a third of everything:
/// Terminal 1: cargo run -p lesson09-server -- --fault loss=30%
/// Terminal 2: cargo run -p lesson09-client -- send Cargo.lock --fault loss=30%
#[derive(Debug, Parser)]
#[command(name = "lesson09-server", version, verbatim_doc_comment)]
struct Args {
    /// The folder for the files; it is made if it is missing. No name leads out of it.
    #[arg(long, value_name = "DIR", default_value = "./lesson09-files")]
    root: PathBuf,
    /// How large a file may be.
    #[arg(long, value_name = "SIZE", default_value = "4GiB", value_parser = console::size)]
    max_size: usize,
    /// How many files the folder may hold, those that were there before included.
    #[arg(long, value_name = "N", default_value = "1000", value_parser = value_parser!(u64).range(1..))]
    max_files: u64,
    /// How many bytes the files in the folder may have in all, those that were there before included.
    #[arg(long, value_name = "SIZE", default_value = "16GiB", value_parser = console::size)]
    max_total: usize,
    #[command(flatten)]
    faults: DatagramFaults,
    #[command(flatten)]
    server: ServerArgs,
}

fn main() -> ExitCode {
    console::run(8009, CATALOGUE, |args: Args| {
        // No folder is made for a server that may not listen there.
        let address = args.server.address()?;
        let quota = Quota { max_files: args.max_files, max_total: args.max_total as u64 };
        let folder = Folder::open_or_make(&args.root).map_err(|error| {
            let root = args.root.display();
            anyhow!("cannot keep files in {root}: {error}; choose another folder with --root")
        })?;
        let policy = args.server.policy()?;
        let log = args.server.log(&policy);
        // The trace tells what the faults do; a line for each would hide the files.
        let socket = Datagrams::bind(address, &policy)?
            .with_receive_buffer(RECEIVE_BUFFER)
            .with_faults(&args.faults.fault, args.faults.seed, Notify::default());
        serve(&socket, &folder, args.max_size as u64, quota, &policy, &log)
            .context("cannot receive datagrams")
    })
}
