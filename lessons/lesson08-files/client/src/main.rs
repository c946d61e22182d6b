//! The program around lesson 08's client: its options, and nothing that teaches sockets.

mod program;

use std::process::ExitCode;

use clap::Parser;
use console::ClientArgs;
use program::options::{Task, TransferOptions};
use program::prompt;
use program::tasks::Client;

language::catalogue!();

/// Files: list them, get them and put them, and go on where a transfer was interrupted.
///
/// Terminal 1: cargo run -p lesson08-server
/// Terminal 2: cargo run -p lesson08-client -- put Cargo.lock README.md
///             cargo run -p lesson08-client -- list
///             cargo run -p lesson08-client -- get README.md --into fetched
///
/// Without a command, a prompt takes the same words. A file appears under its name when all of it is
/// there and its MD5 is right, never before; Ctrl-C ends the program at once, and --resume goes on.
///
/// A tutorial server (--dialect tutorial) knows `get` only, and sends one file in its life.
#[derive(Debug, Parser)]
#[command(name = "lesson08-client", version, verbatim_doc_comment)]
struct Options {
    #[command(subcommand)]
    task: Option<Task>,
    #[command(flatten)]
    transfer: TransferOptions,
    /// How many times in a row to call again when the connection breaks, after pauses that grow from
    /// 0.25 to 5 seconds. As long as each try gets farther, it counts from the beginning again.
    #[arg(long, value_name = "N", default_value = "3")]
    retries: u32,
    #[command(flatten)]
    client: ClientArgs,
}

fn main() -> ExitCode {
    console::run(8008, CATALOGUE, |options: Options| {
        let Options { task, transfer, retries, client } = options;
        let mut client = Client::new(client, retries);
        match task {
            Some(task) => client.run(&task, &transfer),
            None => prompt::run(client, &transfer),
        }
    })
}
