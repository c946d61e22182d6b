//! The program around lesson 02's client: its options, the prompt, and nothing that teaches sockets.

use std::iter::repeat_n;
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::Parser;
use console::{ClientArgs, Printer, say};
use endpoint::is_expired;
use lesson02_client::{LIMIT, ask, receive_to_end, send_message};
use trace::Observer;
use wire::Encoding;

language::catalogue!();

/// Sticky packets, broken on purpose: one recv is taken for one answer.
///
/// Terminal 1: cargo run -p lesson02-server
/// Terminal 2: cargo run -p lesson02-client
///
/// Ask for `seq -s ' ' 1 400` and then for `echo hi`: the second answer is the rest of the first.
#[derive(Debug, Parser)]
#[command(name = "lesson02-client", version, verbatim_doc_comment)]
#[command(mut_arg("timeout", |timeout| timeout.default_value("2s")))]
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
    /// The encoding of the answers' text: utf-8, gbk, big5, …
    #[arg(long, value_name = "NAME", default_value = "utf-8")]
    encoding: Encoding,
    #[command(flatten)]
    client: ClientArgs,
}

/// What is said where the tutorial's client would wait for ever.
const SILENCE: &str = "(nothing came. Is the answer empty, or late, or lost? Without a length in \
                       front of it a client cannot know; lesson 03 can.)";

fn main() -> ExitCode {
    console::run(8002, CATALOGUE, |args: Args| {
        let mut connection = args.client.connect()?;
        let mut printer = Printer::new(&connection, args.encoding);
        if !args.send.is_empty() {
            for message in repeat_n(&args.send, args.count).flatten() {
                send_message(&mut connection, message.as_bytes()).context("cannot send")?;
                printer.sent(message.as_bytes());
                thread::sleep(args.every.unwrap_or_default());
            }
            connection.half_close().context("cannot half-close")?;
            return match receive_to_end(&mut connection, LIMIT, &mut printer) {
                Err(error) if is_expired(&error) => {
                    say(SILENCE);
                    Ok(())
                }
                heard => heard.context("cannot hear the end"),
            };
        }
        for line in
            console::lines(">>: ", language::text!("a command for the server, such as `echo hi`"))?
        {
            match ask(&mut connection, line?.as_bytes(), LIMIT, &mut printer) {
                Ok(true) => {}
                Ok(false) => bail!(
                    "the server closed without an answer; its terminal says why, or that it has ended"
                ),
                Err(error) if is_expired(&error) => say(SILENCE),
                Err(error) => return Err(error).context("no answer"),
            }
        }
        Ok(())
    })
}
