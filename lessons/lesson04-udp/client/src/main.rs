//! The program around lesson 04's client: its options, the prompt, and nothing that teaches sockets.

use std::io::ErrorKind;
use std::iter::repeat_n;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::Parser;
use console::{DatagramArgs, Printer};
use endpoint::{Datagrams, Error};
use lesson04_client::{ask, connect};
use trace::Observer;
use wire::Encoding;

language::catalogue!();

/// UDP: socket, sendto, recvfrom, and a wait that has an end.
///
/// Terminal 1: cargo run -p lesson04-server
/// Terminal 2: cargo run -p lesson04-client
///
/// Over a link that loses a third of everything:
/// Terminal 1: cargo run -p lesson04-server -- --fault loss=30%
/// Terminal 2: cargo run -p lesson04-client -- --fault loss=30%
#[derive(Debug, Parser)]
#[command(name = "lesson04-client", version, verbatim_doc_comment)]
struct Args {
    /// The encoding of the answers' text: utf-8, gbk, big5, …
    #[arg(long, value_name = "NAME", default_value = "utf-8")]
    encoding: Encoding,
    /// What sends a file is lesson 09's; who types it here is told so.
    #[arg(hide = true, value_parser = moved)]
    words: Vec<String>,
    #[arg(long, hide = true, value_parser = moved)]
    window: Option<String>,
    /// How long to wait for an answer before asking again.
    #[arg(long, value_name = "TIME", default_value = "1s", value_parser = console::duration)]
    timeout: Duration,
    /// How many times to ask again.
    #[arg(long, value_name = "N", default_value = "3")]
    retries: u32,
    #[command(flatten)]
    client: DatagramArgs,
}

fn main() -> ExitCode {
    console::run(8004, CATALOGUE, |args: Args| {
        let (server, socket) = socket(&args.client)?;
        prompt(socket, server, &args)
    })
}

fn moved(_: &str) -> Result<String, &'static str> {
    Err("lesson 04 takes none; files are lesson 09's: cargo run -p lesson09-client -- send FILE")
}

/// A socket for questions to the first of the server's addresses to which there is a way.
fn socket(args: &DatagramArgs) -> Result<(SocketAddr, Datagrams), Error> {
    let mut last = Error::Address { text: args.connect.to_string() };
    for address in args.connect.resolve()? {
        match connect(address) {
            Ok(socket) => return Ok((address, args.datagrams(socket))),
            Err(source) => last = Error::Connect { address, source },
        }
    }
    Err(last)
}

fn prompt(mut socket: Datagrams, server: SocketAddr, args: &Args) -> anyhow::Result<()> {
    let tries = args.retries as usize + 1;
    // An empty datagram is sent, and answered: it is a message like any other.
    for line in console::lines(
        ">>: ",
        language::text!("a line for the server to answer, even an empty one"),
    )?
    .with_blank()
    {
        let request = line?;
        let waits = repeat_n(args.timeout, tries);
        let mut screen = Screen { printer: Printer::of_datagrams(args.encoding), tries: 0, args };
        match ask(&mut socket, server, request.as_bytes(), waits, &mut screen) {
            Ok(Some(_)) => {}
            Ok(None) => bail!(
                "no answer from {server} in {tries} tries: the datagrams were lost, or nobody \
                 answers there; start `cargo run -p lesson04-server`, or ask more often with --retries"
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

/// Shows the person the answer, and each try after the first.
struct Screen<'a> {
    printer: Printer,
    tries: u32,
    args: &'a Args,
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
