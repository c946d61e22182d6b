//! The program around lesson 09's client: its options, a progress bar, and nothing that teaches.

mod program;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::{Parser, Subcommand};
use console::DatagramArgs;
use endpoint::Datagrams;
use indicatif::{ProgressBar, ProgressStyle};
use lesson09_client::send;
use lesson09_shared::offer::IdleTimeout;

use crate::program::{failure, file};

language::catalogue!();

/// How many bytes of acknowledgements the kernel is asked to keep (SO_RCVBUF) while packets are sent.
const RECEIVE_BUFFER: usize = 1024 * 1024;

/// Reliable UDP: a file in numbered datagrams, acknowledged, in order, verified.
///
/// A file over a link that loses a third of everything:
/// Terminal 1: cargo run -p lesson09-server -- --fault loss=30%
/// Terminal 2: cargo run -p lesson09-client -- send Cargo.lock --fault loss=30%
#[derive(Debug, Parser)]
#[command(name = "lesson09-client", version, verbatim_doc_comment)]
struct Args {
    #[command(subcommand)]
    task: Task,
    /// How many packets may be on their way at once, at most; 1 waits for each one's acknowledgement, as
    /// the tutorial's does.
    #[arg(long, value_name = "N", default_value = "1024", value_parser = clap::value_parser!(u16).range(1..=1024))]
    window: u16,
    /// For how long both ends go on although nothing new comes from the other, at most an hour; the
    /// server's `--idle-timeout` may shorten it.
    #[arg(long, value_name = "TIME", default_value = "1m", value_parser = console::duration)]
    idle_timeout: Duration,
    #[command(flatten)]
    client: DatagramArgs,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Send a file reliably.
    Send {
        /// The file.
        file: PathBuf,
    },
}

fn main() -> ExitCode {
    console::run(8009, CATALOGUE, |args: Args| {
        let Task::Send { file } = &args.task;
        // The trace tells what the faults do; a line for each would hide the progress.
        let socket = args.client.connect()?.with_receive_buffer(RECEIVE_BUFFER).without_notices();
        report_transfer(&socket, file, args.window.into(), IdleTimeout::new(args.idle_timeout))
    })
}

/// Sends the file with a progress bar, and prints what it took.
fn report_transfer(
    socket: &Datagrams,
    path: &Path,
    window: usize,
    idle_timeout: IdleTimeout,
) -> anyhow::Result<()> {
    let (mut source, offer) = file::open(path, idle_timeout)?;
    let bar = ProgressBar::new(offer.size).with_style(ProgressStyle::with_template(
        "{wide_bar} {bytes}/{total_bytes} {binary_bytes_per_sec} {eta}",
    )?);
    let begun = Instant::now();
    let on_progress = |acknowledged| bar.set_position(acknowledged);
    let ended = send(socket, &mut source, &offer, window, on_progress);
    bar.finish_and_clear();
    let sender = ended.map_err(|error| failure::of_error(error, path))?;
    if let Some(failure) = sender.outcome().and_then(failure::of_outcome) {
        return Err(failure);
    }
    let stats = sender.stats();
    let rtt = stats.smoothed_rtt.unwrap_or_default().as_secs_f64() * 1000.0;
    console::say(format_args!(
        "sent and verified in {:.2} s: {} packets, {} of them again; time-outs: {}; round trip {rtt:.2} ms",
        begun.elapsed().as_secs_f64(),
        stats.packets,
        stats.retransmissions,
        stats.timeouts,
    ));
    Ok(())
}
