//! The program around lesson 05's client: its options, the prompt, and nothing that teaches sockets.

mod program;

use std::io;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::{Parser, ValueEnum};
use console::{ClientArgs, Printer, Usage, warn};
use endpoint::{Connection, Retry};
use fastrand::Rng;
use lesson05_client::{Backoff, Error, Service, Session};
use wire::Encoding;

use crate::program::datagrams;
use crate::program::requests::{Repeat, requests};

language::catalogue!();

/// Threaded server: a client that comes back when the server is full, is restarted, or is gone.
///
/// Terminal 1: cargo run -p lesson05-server
/// Terminal 2: cargo run -p lesson05-client
/// Terminal 3: cargo run -p lesson05-client -- --send hello --every 500ms --count 100
///
/// End the server with Ctrl-C, and start it again: both clients go on.
///
/// A command whose answer was lost may have been run, so it is not sent again: the client says so,
/// goes on with the next line, and ends with exit status 1.
#[derive(Debug, Parser)]
#[command(name = "lesson05-client", version, verbatim_doc_comment)]
struct Args {
    /// What the server is there for: the same as its own --service.
    #[arg(long, value_enum, default_value = "upper")]
    service: Kind,
    /// Ask this instead of what is typed.
    #[arg(long, value_name = "TEXT")]
    send: Option<String>,
    /// A pause before the next time.
    #[arg(long, value_name = "TIME", requires = "send", default_value = "0s")]
    #[arg(value_parser = humantime::parse_duration)]
    every: Duration,
    /// How many times to ask it.
    #[arg(long, value_name = "N", requires = "send", default_value = "1")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..))]
    count: u32,
    /// Ask with datagrams instead of over a connection; not with `command`.
    #[arg(long)]
    udp: bool,
    /// How many times in a row to try again, after pauses that grow from 0.1 to 5 seconds. Over UDP
    /// the wait for an answer grows instead, from 0.25 to 5 seconds, but not above --timeout.
    #[arg(long, value_name = "N", default_value = "10")]
    retries: u32,
    /// The encoding of the answers' text: utf-8, gbk, big5, …
    #[arg(long, value_name = "NAME", default_value = "utf-8")]
    encoding: Encoding,
    #[command(flatten)]
    client: ClientArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// The answer is the request in upper case, so it is as long as the request.
    Upper,
    /// The answer can be any text: what one recv returns is taken for it.
    Reply,
    /// The request is a command, and its answer has its length in front.
    Command,
}

fn main() -> ExitCode {
    console::run(8005, CATALOGUE, |args: Args| {
        check(&args)?;
        let repeat =
            args.send.as_deref().map(|text| Repeat { text, count: args.count, every: args.every });
        let requests = requests(repeat, what_to_type(&args), args.udp)?;
        match args.udp {
            true => datagrams::ask(requests, &args.client, args.retries, args.encoding),
            false => ask(requests, &args),
        }
    })
}

/// What the prompt says of the lines that it takes.
fn what_to_type(args: &Args) -> &'static str {
    match (args.service, args.udp) {
        (Kind::Command, _) => language::text!("a command for the server, such as `echo hi`"),
        (_, true) => language::text!("a line for the server to answer, even an empty one"),
        (_, false) => language::text!("a line for the server to answer"),
    }
}

/// Refuses what does not go together.
fn check(args: &Args) -> Result<(), Usage> {
    if args.udp && args.service == Kind::Command {
        return Err(Usage("--service command needs a connection: no --udp".to_owned()));
    }
    if !args.udp && args.send.as_ref().is_some_and(String::is_empty) {
        let why = "over TCP an empty message sends no byte, so nobody would answer it";
        return Err(Usage(why.to_owned()));
    }
    Ok(())
}

fn ask(requests: impl Iterator<Item = io::Result<String>>, args: &Args) -> anyhow::Result<()> {
    let service = match args.service {
        Kind::Upper => Service::Upper,
        Kind::Reply => Service::Reply,
        Kind::Command => Service::Command(args.client.dialect),
    };
    let call = || {
        let connection = args.client.connect()?;
        let printer = Printer::new(&connection, args.encoding);
        Ok((connection, printer))
    };
    let pauses = Backoff::new(Duration::from_millis(100), Duration::from_secs(5), args.retries);
    let pauses = pauses.with_jitter(Rng::new());
    let mut session = Session::new(call, service, args.client.max_message, pauses)
        .checking_liveness(Connection::has_ended);
    let tell = &mut |retry: &Retry<'_, Error>| warn(retry);
    session.connect(tell).context("no connection")?;
    let mut unanswered = 0;
    for request in requests {
        match session.ask(request?.as_bytes(), tell) {
            Ok(_) => {}
            // The person has been told already.
            Err(Error::Unanswered(_)) => unanswered += 1,
            Err(error) => return Err(error).context("no answer"),
        }
    }
    if unanswered > 0 {
        bail!("commands that may have been run, and whose answer was lost: {unanswered}");
    }
    Ok(())
}
