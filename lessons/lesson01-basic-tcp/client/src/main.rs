//! The program around lesson 01's client: its options, the prompt, and nothing that teaches sockets.

use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::Parser;
use clap::builder::NonEmptyStringValueParser;
use console::{ClientArgs, Printer};
use endpoint::{Connection, Error};
use lesson01_client::{ask, connect, receive_to_end};
use wire::Encoding;

language::catalogue!();

/// Basic TCP: socket, connect, send, recv, close.
///
/// Terminal 1: cargo run -p lesson01-server
/// Terminal 2: cargo run -p lesson01-client
///
/// One exchange and out: cargo run -p lesson01-client -- --send hello,server
#[derive(Debug, Parser)]
#[command(name = "lesson01-client", version, verbatim_doc_comment)]
struct Args {
    /// Send this before the first prompt.
    // Nothing would be sent of an empty text, and its answer never come; so it is no value here.
    #[arg(long, value_name = "TEXT", value_parser = NonEmptyStringValueParser::new())]
    first: Option<String>,
    /// Send this, print the answer, and leave.
    #[arg(long, value_name = "TEXT", conflicts_with_all = ["first", "silent"], value_parser = NonEmptyStringValueParser::new())]
    send: Option<String>,
    /// Send nothing; print what comes until the server closes.
    #[arg(long, conflicts_with = "first")]
    silent: bool,
    #[command(flatten)]
    client: ClientArgs,
}

fn main() -> ExitCode {
    console::run(8001, CATALOGUE, |args: Args| {
        let mut connection = dial(&args.client)?;
        let mut printer = Printer::new(&connection, Encoding::default());
        if args.silent {
            let heard = receive_to_end(&mut connection, args.client.max_message, &mut printer);
            return heard.context("cannot hear the server out");
        }
        let mut exchange = |request: &str| match ask(
            &mut connection,
            request.as_bytes(),
            &mut printer,
        ) {
            Ok(true) => Ok(()),
            Ok(false) => bail!(
                "the server closed without an answer; its terminal says why, or that it has ended"
            ),
            Err(error) => Err(error).with_context(|| format!("no answer to {request:?}")),
        };
        if let Some(request) = args.send {
            return exchange(&request);
        }
        args.first.iter().try_for_each(|request| exchange(request))?;
        for line in console::lines(">>: ", language::text!("a line for the server to answer"))? {
            exchange(&line?)?;
        }
        Ok(())
    })
}

/// Dials the addresses of the server's name in turn, until one of them answers.
fn dial(client: &ClientArgs) -> Result<Connection, Error> {
    let mut outcome = Err(Error::Address { text: client.connect.to_string() });
    for address in client.connect.resolve()? {
        outcome = connect(address, client.timeout)
            .map_err(|source| Error::Connect { address, source })
            .and_then(|socket| client.connection(socket));
        if outcome.is_ok() {
            break;
        }
    }
    outcome
}
