//! The program around lesson 06's client: its options, and nothing that teaches sockets.

mod program;

use std::process::ExitCode;

use anyhow::{Context, anyhow};
use clap::Parser;
use console::{ClientArgs, callable_address, explain, say, size};
use endpoint::Address;
use lesson06_client::EXCHANGE_SIZE;

use crate::program::probe::{Measured, Plan, Way, probe};
use crate::program::table::{iec, print_table};

language::catalogue!();

/// Proxy: a probe that proves that every byte gets through it, and measures what it costs.
///
/// Terminal 1: cargo run -p lesson05-server
/// Terminal 2: cargo run -p lesson06-server -- --upstream 8005
/// Terminal 3: cargo run -p lesson06-client -- --direct 8005
///
/// Sends random bytes to an echo in upper case, through the proxy: small exchanges first, and then
/// many bytes at once, up to a half-close. Exit status 1, with the byte and its place, if anything
/// comes back that should not. Put --release after `run` for times that mean something.
#[derive(Debug, Parser)]
#[command(name = "lesson06-client", version, verbatim_doc_comment)]
// The probe knows how long each answer is, and what it has to be.
#[command(mut_arg("dialect", |dialect| dialect.help("Changes nothing: the bytes are random")))]
#[command(mut_arg("max_message", |size| size.help("Changes nothing: --size says how long")))]
struct Args {
    /// Measure the way without the proxy too: to the server that the proxy calls.
    #[arg(long, value_name = "ADDR", value_parser = |text: &str| callable_address(text, 8005))]
    direct: Option<Address>,
    /// How many bytes to send at once, over each connection.
    #[arg(long, value_name = "SIZE", default_value = "16MiB", value_parser = size)]
    size: usize,
    /// How many small exchanges there are before that, of 64 bytes each.
    #[arg(long, value_name = "N", default_value = "1000")]
    count: u64,
    /// How many connections to use at once, with a thread for each.
    #[arg(long, value_name = "N", default_value = "1")]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=1000))]
    connections: u16,
    /// The same seed sends the same bytes.
    #[arg(long, value_name = "N", default_value = "1")]
    seed: u64,
    #[command(flatten)]
    client: ClientArgs,
}

fn main() -> ExitCode {
    console::run(8006, CATALOGUE, |args: Args| {
        let Args { direct, size, count, connections, seed, client } = args;
        let size = size as u64;
        let plan = Plan { connections, count, size, seed };
        let bytes = iec(size as f64);
        say(format_args!(
            "connections: {connections}; on each, exchanges of {EXCHANGE_SIZE} B: {count}, and \
             then at once: {bytes}"
        ));
        let proxy = probe(&client, plan, Way::Proxy)
            .with_context(|| format!("through the proxy at {}", client.connect))?;
        say_right("through the proxy", &client.connect);
        let direct = match direct {
            None => None,
            Some(server) => Some(probe_directly(&ClientArgs { connect: server, ..client }, plan)?),
        };
        print_table(plan, &proxy, direct.as_ref());
        Ok(())
    })
}

fn probe_directly(client: &ClientArgs, plan: Plan) -> anyhow::Result<Measured> {
    let measured = probe(client, plan, Way::Direct).map_err(|error| {
        let hint = match error.is::<endpoint::Error>() {
            true => "; --direct takes the address of the server that the proxy calls",
            false => "",
        };
        // In words, because `run` would have advice about the proxy.
        anyhow!("without the proxy: {}{hint}", explain(error.as_ref()))
    })?;
    say_right("without the proxy", &client.connect);
    Ok(measured)
}

fn say_right(way: &str, address: &Address) {
    say(format_args!("{way}, {address}: every byte came back right, and then the end"));
}
