//! The program around lesson 06's client: its options, and the table of what was measured.

mod probe;

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, anyhow};
use bytesize::ByteSize;
use clap::Parser;
use console::{ClientArgs, explain, say, size};
use endpoint::Address;
use lesson06_client::EXCHANGE_SIZE;
use probe::{Measured, Plan, Way, probe};

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
    #[arg(long, value_name = "ADDR", value_parser = |text: &str| Address::parse(text, 8005))]
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
    console::run(8006, |args: Args| {
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

/// A column for each way, and one for the difference. What was not asked for is left out.
fn print_table(plan: Plan, proxy: &Measured, direct: Option<&Measured>) {
    let columns = if direct.is_some() { 3 } else { 1 };
    // Compared with itself there is no difference, but then that column is not shown.
    let direct = direct.unwrap_or(proxy);
    let mut rows = vec![["", "proxy", "direct", "difference"].map(str::to_owned)];
    for (name, part) in [("latency p50", 0.5), ("latency p99", 0.99)] {
        let [proxy, direct] = [proxy, direct].map(|way| way.latencies.value_at_quantile(part));
        let cells = [name.to_owned(), time(proxy), time(direct), difference(proxy, direct)];
        rows.extend((plan.count > 0).then_some(cells));
    }
    let [proxy, direct] = [proxy, direct].map(|way| way.throughput);
    let ratio = format!("x {:.2}", proxy / direct);
    let cells = ["throughput".to_owned(), iec(proxy) + "/s", iec(direct) + "/s", ratio];
    rows.extend((plan.size > 0).then_some(cells));
    if rows.len() == 1 {
        return;
    }
    for [name, cells @ ..] in rows {
        let cells: String = cells.iter().take(columns).map(|cell| format!("{cell:>14}")).collect();
        say(format_args!("{name:<12}{cells}"));
    }
}

fn time(nanoseconds: u64) -> String {
    format!("{:.1?}", Duration::from_nanos(nanoseconds))
}

/// How much longer the way through the proxy takes; chance can make it the shorter one.
fn difference(proxy: u64, direct: u64) -> String {
    let sign = if proxy < direct { '-' } else { '+' };
    format!("{sign}{}", time(proxy.abs_diff(direct)))
}

fn iec(bytes: f64) -> String {
    ByteSize::b(bytes as u64).display().iec().to_string()
}
