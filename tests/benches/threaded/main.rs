//! Every model of lesson 05's server beside Python's own threaded server, in the same run.
//!
//! ```text
//! cargo bench -p e2e --bench threaded
//! cargo bench -p e2e --bench threaded -- --seconds 10 --rounds 5
//! ```
//!
//! Each server is a process of its own, started anew for each measurement; the load is this process,
//! and takes its part of the machine. The machine is not the same from one minute to the next: so
//! all servers are measured in several rounds, in each in another order; each is divided by the Python
//! of its own round, and of the ratios of all rounds the median counts. Compare ratios, not times.
//!
//! The bare loops say what a model could have at most on this machine, and so what lesson 05 pays for
//! its limits and time-outs.
//!
//! The last table is about the lines that a server prints: the same models without `--quiet`, their standard
//! output led to `/dev/null` and to a file, each divided by the quiet one of its own round.
//!
//! With one connection a time is mostly that of waking the other process, which depends on the cores
//! that the scheduler gives the two: look at the lowest and the highest rate before the ratio.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "an error would make the benchmark worthless; the harness prints what the server said"
)]

mod bare;
mod lines;
mod load;

use std::fmt;
use std::process::Command;
use std::time::Duration;

use bare::Loop;
use clap::{Parser, value_parser};
use e2e::benchmark::{Usage, is_asked_for, raise_descriptor_limit};
use e2e::{Server, python, root};
use load::{Load, MESSAGE, Seen};

const CONNECTIONS: [usize; 3] = [1, 64, 1000];
const WARM_UP: Duration = Duration::from_millis(500);

#[derive(Parser)]
struct Options {
    /// How long each measurement takes, after a warm-up of half a second.
    #[arg(long, value_name = "N", default_value = "2",
          value_parser = value_parser!(u64).range(1..))]
    seconds: u64,
    /// How many times each server is measured.
    #[arg(long, value_name = "N", default_value = "7",
          value_parser = value_parser!(u64).range(1..))]
    rounds: u64,
    /// Measure only what the lines cost that lesson 05 prints.
    #[arg(long)]
    lines: bool,
    /// Be one of the bare servers, and measure nothing.
    #[arg(long, hide = true, value_enum)]
    bare: Option<Loop>,
    /// What cargo gives to every benchmark.
    #[arg(long, hide = true)]
    bench: bool,
}

#[derive(Clone, Copy)]
enum Contender {
    Python,
    /// A model's loop, without the lesson around it.
    Bare(Loop),
    /// A model of lesson 05.
    Lesson(&'static str),
}

/// Python comes first: all others are divided by it. A bare loop comes just before its model.
const CONTENDERS: [Contender; 9] = [
    Contender::Python,
    Contender::Lesson("serial"),
    Contender::Bare(Loop::Thread),
    Contender::Lesson("thread"),
    Contender::Lesson("pool"),
    Contender::Bare(Loop::Event),
    Contender::Lesson("event"),
    Contender::Bare(Loop::TokioCurrentThread),
    Contender::Bare(Loop::Tokio),
];

/// One measurement.
#[derive(Clone, Copy)]
struct Measured {
    seen: Seen,
    /// The most memory that the server had, in MiB.
    memory: f64,
}

/// A line of the table.
struct Row {
    contender: Contender,
    /// The round whose rate is the median.
    median: Measured,
    /// Requests per second.
    lowest: f64,
    /// Requests per second.
    highest: f64,
    /// Rate, 99th percentile and memory, divided by Python's in the same round: the medians.
    ratios: [f64; 3],
}

fn main() {
    if !is_asked_for() {
        return;
    }
    let options = Options::parse();
    if let Some(bare) = options.bare {
        return bare.serve();
    }
    raise_descriptor_limit();
    println!(
        "{MESSAGE}-byte messages, upper-cased; rounds: {}, each {} s; of each server the round \
         whose rate is the median, and the median of the ratios",
        options.rounds, options.seconds
    );
    println!("the load is one thread on the same machine; latencies in microseconds");
    println!(
        "lesson 05 runs with --quiet: like the Python server it prints nothing per message; what \
         its lines cost is in the last table"
    );
    let mut ratios = Vec::new();
    for connections in CONNECTIONS.into_iter().filter(|_| !options.lines) {
        ratios.extend(compare(connections, &options));
    }
    ratios.extend(lines::compare(options.rounds, Duration::from_secs(options.seconds)));
    println!();
    ratios.iter().for_each(|ratio| println!("ratio: {ratio}"));
}

/// Measures all servers with so many connections, prints a table, and returns the ratios in words.
fn compare(connections: usize, options: &Options) -> Vec<String> {
    let contenders = CONTENDERS.into_iter().filter(|contender| contender.serves(connections));
    let mut all: Vec<(Contender, Vec<Measured>)> = contenders.map(|who| (who, vec![])).collect();
    let mut order: Vec<_> = (0..all.len()).collect();
    for _ in 0..options.rounds {
        fastrand::shuffle(&mut order);
        for &at in &order {
            let (contender, rounds) = &mut all[at];
            rounds.push(measure(*contender, connections, Duration::from_secs(options.seconds)));
        }
    }

    print_header(connections);
    let (_, python) = &all[0];
    let rows: Vec<Row> = all.iter().map(|(who, rounds)| Row::of(*who, rounds, python)).collect();
    let mut ratios = Vec::new();
    for row in &rows {
        let [rate, p99, memory] = row.ratios;
        println!("{row}{rate:>7.2}{p99:>8.2}{memory:>8.2}");
        if !matches!(row.contender, Contender::Python) {
            ratios.push(format!(
                "{} / Python, connections {connections}: rate {rate:.2}, p99 {p99:.2}, memory \
                 {memory:.2}",
                row.contender,
            ));
        }
    }
    ratios
}

fn print_header(connections: usize) {
    println!();
    println!(
        "{:<20}{:>10}{:>16}{:>8}{:>9}{:>9}{:>9}  divided by Python's:",
        format!("connections: {connections}"),
        "requests/s",
        "lowest-highest",
        "p50",
        "p99",
        "p99.9",
        "peak MiB",
    );
    println!("{:>88}{:>8}{:>8}", "rate", "p99", "memory");
}

fn measure(contender: Contender, connections: usize, time: Duration) -> Measured {
    let server = contender.start(connections);
    let mut load = Load::connect(server.address, connections);
    let seen = load.run(WARM_UP, time);
    let memory = Usage::of(server.id()).peak as f64 / 1024.0;
    // The clients leave first, so that the server has nobody to wait for.
    drop(load);
    contender.end(server);
    Measured { seen, memory }
}

impl Measured {
    /// Rate, 99th percentile and memory, each divided by the other's.
    fn divided_by(&self, other: &Measured) -> [f64; 3] {
        [
            self.seen.rate / other.seen.rate,
            self.seen.p99 / other.seen.p99,
            self.memory / other.memory,
        ]
    }
}

impl Contender {
    /// One at a time, a second client would wait for the first to leave.
    fn serves(self, connections: usize) -> bool {
        !matches!(self, Contender::Lesson("serial")) || connections == 1
    }

    fn start(self, connections: usize) -> Server {
        let model = match self {
            Contender::Python => {
                let program = root().join("tests/benches/threaded/threading_server.py");
                return Server::start(python(&program));
            }
            Contender::Bare(bare) => {
                let mut command = Command::new(std::env::current_exe().unwrap());
                command.args(["--bench", "--bare", bare.name()]);
                return Server::start(command);
            }
            Contender::Lesson(model) => model,
        };
        let workers = connections.to_string();
        let mut args = vec!["--model", model, "--max-connections", "20000", "--quiet"];
        if model == "pool" {
            // A worker keeps its client until it leaves, so with fewer some would never be served;
            // and until all workers run, their clients wait.
            args.extend(["--workers", &workers, "--queue", &workers]);
        }
        Server::lesson("lesson05-server", &args)
    }

    fn end(self, server: Server) {
        match self {
            // They are killed.
            Contender::Python | Contender::Bare(_) => drop(server),
            Contender::Lesson(_) => assert_eq!(server.stop().status, Some(0), "after Ctrl-C"),
        }
    }
}

impl fmt::Display for Contender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Contender::Python => write!(f, "Python, threads"),
            Contender::Bare(Loop::Tokio) => f.pad("tokio, multi-thread"),
            Contender::Bare(Loop::TokioCurrentThread) => f.pad("tokio, one thread"),
            Contender::Bare(bare) => write!(f, "bare {} loop", bare.name()),
            Contender::Lesson(model) => write!(f, "--model {model}"),
        }
    }
}

impl Row {
    fn of(contender: Contender, rounds: &[Measured], python: &[Measured]) -> Row {
        let divided: Vec<_> =
            rounds.iter().zip(python).map(|(ours, python)| ours.divided_by(python)).collect();
        let mut by_rate = rounds.to_vec();
        by_rate.sort_by(|one, other| one.seen.rate.total_cmp(&other.seen.rate));
        Row {
            contender,
            median: by_rate[by_rate.len() / 2],
            lowest: by_rate[0].seen.rate,
            highest: by_rate[by_rate.len() - 1].seen.rate,
            ratios: [0, 1, 2].map(|which| median(divided.iter().map(|ratios| ratios[which]))),
        }
    }
}

/// Of an even number of values, the higher of the two in the middle.
fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<_> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Measured { seen, memory } = &self.median;
        write!(
            f,
            "{:<20}{:>10.0}{:>16}{:>8.0}{:>9.0}{:>9.0}{memory:>9.1}",
            self.contender.to_string(),
            seen.rate,
            format!("{:.0}-{:.0}", self.lowest, self.highest),
            seen.p50,
            seen.p99,
            seen.p999,
        )
    }
}
