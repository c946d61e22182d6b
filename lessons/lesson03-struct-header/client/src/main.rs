//! The program around lesson 03's client: its options, the prompt, and nothing that teaches sockets.

use std::iter::repeat_n;
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::Parser;
use console::{ClientArgs, Printer, WRONG_PEER_HINT};
use lesson03_client::header::{self, HeaderKind};
use trace::Observer;
use wire::Encoding;

language::catalogue!();

/// Struct header, the fix: every answer begins with its length.
///
/// Terminal 1: cargo run -p lesson03-server
/// Terminal 2: cargo run -p lesson03-client
///
/// Ask for `seq -s ' ' 1 400` and then for `echo hi`: each gets its own answer.
#[derive(Debug, Parser)]
#[command(name = "lesson03-client", version, verbatim_doc_comment)]
struct Args {
    /// Send this as a message, without waiting for an answer; may be given several times. Then
    /// half-close, and print what comes until the end.
    #[arg(long, value_name = "TEXT")]
    send: Vec<String>,
    /// A pause after each message sent.
    #[arg(long, value_name = "TIME", requires = "send", value_parser = humantime::parse_duration)]
    every: Option<Duration>,
    /// How many times to send the messages.
    #[arg(long, value_name = "N", requires = "send", default_value = "1")]
    count: usize,
    /// How a message says its length.
    #[arg(long, value_enum, default_value = "struct")]
    header: HeaderKind,
    /// The encoding of the answers' text: utf-8, gbk, big5, …
    #[arg(long, value_name = "NAME", default_value = "utf-8")]
    encoding: Encoding,
    #[command(flatten)]
    client: ClientArgs,
}

/// A hint for `--header announce`: its answers wait for `recv_ready`, which cannot be sent after a
/// half-close.
const ONE_WAY: &str = language::text!(
    " (with --header announce, --send is for the service `messages`, which answers nothing; type a \
     command at the prompt)"
);

fn main() -> ExitCode {
    console::run(8003, CATALOGUE, |args: Args| {
        let mut connection = args.client.connect()?;
        let header = (args.header, args.client.dialect);
        let limit = args.client.max_message;
        let mut printer = Printer::new(&connection, args.encoding);
        if !args.send.is_empty() {
            let hint = if args.header == HeaderKind::Announce { ONE_WAY } else { "" };
            for message in repeat_n(&args.send, args.count).flatten() {
                header::send(header, &mut connection, message.as_bytes())
                    .with_context(|| format!("cannot send{hint}"))?;
                printer.sent(message.as_bytes());
                thread::sleep(args.every.unwrap_or_default());
            }
            connection.half_close().context("cannot half-close")?;
            return header::receive_to_end(header, &mut connection, limit, &mut printer)
                .with_context(|| format!("cannot hear the end{hint}"));
        }
        for line in
            console::lines(">>: ", language::text!("a command for the server, such as `echo hi`"))?
        {
            let request = line?;
            let asked =
                header::ask(header, &mut connection, request.as_bytes(), limit, &mut printer);
            match asked {
                Ok(true) => {}
                Ok(false) => bail!("the server closed without an answer; {WRONG_PEER_HINT}"),
                Err(error) => return Err(error).context("no answer"),
            }
        }
        Ok(())
    })
}
