//! The program around lesson 04's client: its options, the prompt, and nothing that teaches sockets.

use std::io::ErrorKind;
use std::iter::repeat_n;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, bail};
use clap::{Parser, Subcommand};
use console::{DatagramArgs, Printer};
use endpoint::{Datagrams, Error};
use indicatif::{ProgressBar, ProgressStyle};
use lesson04_client::{ask, connect, send};
use trace::Observer;
use wire::Encoding;

/// UDP: socket, sendto, recvfrom, and a wait that has an end.
///
/// Terminal 1: cargo run -p lesson04-server
/// Terminal 2: cargo run -p lesson04-client
///
/// A file over a link that loses a third of everything:
/// Terminal 1: cargo run -p lesson04-server -- --receive received --fault loss=30%
/// Terminal 2: cargo run -p lesson04-client -- send Cargo.lock --fault loss=30%
#[derive(Debug, Parser)]
#[command(name = "lesson04-client", version, verbatim_doc_comment)]
struct Args {
    #[command(subcommand)]
    task: Option<Task>,
    /// The encoding of the answers' text: utf-8, gbk, big5, …
    #[arg(long, value_name = "NAME", default_value = "utf-8")]
    encoding: Encoding,
    /// How many packets of a file may be on their way at once; 1 waits for each one's
    /// acknowledgement, as the tutorial's does.
    #[arg(long, value_name = "N", default_value = "64", value_parser = clap::value_parser!(u16).range(1..=1024))]
    window: u16,
    #[command(flatten)]
    client: DatagramArgs,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Send a file reliably; the server needs --receive.
    Send {
        /// The file.
        file: PathBuf,
    },
}

fn main() -> ExitCode {
    console::run(8004, |args: Args| {
        let (server, socket) = socket(&args)?;
        match &args.task {
            Some(Task::Send { file }) => send_file(&socket.without_notices(), file, &args),
            None => prompt(socket, server, &args),
        }
    })
}

/// A socket for questions to the first of the server's addresses to which there is a way.
fn socket(args: &Args) -> Result<(SocketAddr, Datagrams), Error> {
    let mut last = Error::Address { text: args.client.connect.to_string() };
    for address in args.client.connect.resolve()? {
        match connect(address) {
            Ok(socket) => {
                if args.task.is_some() {
                    // Room for the acknowledgements of a large window; less will do, only slower.
                    _ = socket.set_recv_buffer_size(send::KEPT);
                }
                return Ok((address, args.client.datagrams(socket)));
            }
            Err(source) => last = Error::Connect { address, source },
        }
    }
    Err(last)
}

fn prompt(mut socket: Datagrams, server: SocketAddr, args: &Args) -> anyhow::Result<()> {
    let tries = args.client.retries as usize + 1;
    // An empty datagram is sent, and answered: it is a message like any other.
    for line in console::lines(">>: ")?.with_blank() {
        let request = line?;
        let waits = repeat_n(args.client.timeout, tries);
        let mut screen =
            Screen { printer: Printer::of_datagrams(args.encoding), tries: 0, args: &args.client };
        match ask(&mut socket, server, request.as_bytes(), waits, &mut screen) {
            Ok(Some(_)) => {}
            Ok(None) => bail!(
                "no answer from {server} in {tries} tries: the datagrams were lost, or nobody \
                 answers there"
            ),
            Err(source) if source.kind() == ErrorKind::ConnectionRefused => {
                bail!(
                    "nobody is at {server}, says its system ({source}); start a server with \
                     `cargo run -p lesson04-server`"
                )
            }
            Err(error) => return Err(error).with_context(|| format!("cannot ask {server}")),
        }
    }
    Ok(())
}

fn send_file(socket: &Datagrams, file: &Path, args: &Args) -> anyhow::Result<()> {
    let bar = ProgressBar::no_length().with_style(ProgressStyle::with_template(
        "{wide_bar} {bytes}/{total_bytes} {binary_bytes_per_sec} {eta}",
    )?);
    let begun = Instant::now();
    let sent = send::send_file(socket, file, args.window.into(), |acknowledged, size| {
        bar.set_length(size);
        bar.set_position(acknowledged);
    });
    bar.finish_and_clear();
    let report = sent?;
    let rtt = report.smoothed_rtt.unwrap_or_default().as_secs_f64() * 1000.0;
    console::say(format_args!(
        "sent and verified in {:.2} s: {} packets, {} of them again; time-outs: {}; round trip {rtt:.2} ms",
        begun.elapsed().as_secs_f64(),
        report.packets,
        report.again,
        report.timeouts,
    ));
    Ok(())
}

/// What the person sees: the answer, and each try after the first.
struct Screen<'a> {
    printer: Printer,
    tries: u32,
    args: &'a DatagramArgs,
}

impl Observer for Screen<'_> {
    fn received(&mut self, answer: &[u8]) {
        self.printer.received(answer);
    }

    fn sent(&mut self, _: &[u8]) {
        if self.tries > 0 {
            console::warn(format_args!(
                "no answer within {:?}; asked again ({} of {})",
                self.args.timeout, self.tries, self.args.retries
            ));
        }
        self.tries += 1;
    }
}
