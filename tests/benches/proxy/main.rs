//! Lesson 06's two engines beside HAProxy and socat, in the same run.
//!
//! ```text
//! cargo bench -p e2e --bench proxy
//! cargo bench -p e2e --bench proxy -- --seconds 10 --rounds 7
//! ```
//!
//! ```text
//!   source or clients ──▶ proxy ──▶ sink, or lesson 05's event loop
//! ```
//!
//! Each proxy is a process of its own, started anew for each measurement. Source and sink of the
//! bulk transfer are two threads of this process. The clients are one thread of it, and what answers
//! them is `lesson05-server --model event`, a process of one thread. All of them share the machine's
//! cores, also without a proxy (`direct`): that row is the limit of this load.
//!
//! Where others use the machine too, times taken one after the other cannot be divided: so all
//! proxies are measured in turn, in several rounds, and for each the round counts whose rate is the
//! median. Compare ratios, not times, and look at the lowest and the highest rate first.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "an error would make the benchmark worthless; the harness prints what the server said"
)]

mod bulk;
mod contender;
#[path = "../threaded/load.rs"]
mod load;

use std::fmt;
use std::time::Duration;

use clap::{Parser, value_parser};
use contender::Contender;
use e2e::benchmark::{is_asked_for, raise_descriptor_limit};
use e2e::{Server, socket};
use load::{Load, MESSAGE, Seen};

const WARM_UP: Duration = Duration::from_millis(500);

#[derive(Parser)]
struct Options {
    /// How long each measurement takes, after a warm-up of half a second.
    #[arg(long, value_name = "N", default_value = "3",
          value_parser = value_parser!(u64).range(1..))]
    seconds: u64,
    /// How many times each proxy is measured.
    #[arg(long, value_name = "N", default_value = "5",
          value_parser = value_parser!(u64).range(1..))]
    rounds: u64,
    /// What cargo gives to every benchmark.
    #[arg(long, hide = true)]
    bench: bool,
}

/// What the proxies have to do.
#[derive(Clone, Copy)]
enum Task {
    /// One connection, and as many bytes as it carries.
    Bulk,
    /// So many clients, each of which sends a message and waits for its answer.
    Exchanges(usize),
}

/// One measurement.
struct Measured {
    /// Bytes or exchanges in a second.
    rate: f64,
    /// What clients saw who waited for answers.
    seen: Option<Seen>,
    /// The most memory that the proxy had, in MiB.
    memory: Option<f64>,
}

/// A line of the table.
struct Row {
    contender: Contender,
    task: Task,
    median: Measured,
    lowest: f64,
    highest: f64,
}

fn main() {
    if !is_asked_for() {
        return;
    }
    let options = Options::parse();
    raise_descriptor_limit();
    let (there, missing): (Vec<_>, Vec<_>) =
        Contender::ALL.into_iter().partition(|contender| contender.is_there());
    println!(
        "rounds: {}, each {} s; of each proxy the round whose rate is the median",
        options.rounds, options.seconds
    );
    println!(
        "relay and HAProxy have one thread (nbthread 1), and splice where there is much to move"
    );
    println!("threads has two threads for each connection, socat a process");
    println!(
        "TCP_NODELAY everywhere; peak MiB: of all processes together; latencies in microseconds"
    );
    for contender in missing {
        println!("{contender} is not installed, and not measured");
    }
    let tasks = [Task::Bulk, Task::Exchanges(1), Task::Exchanges(64)];
    let ratios: Vec<String> =
        tasks.into_iter().flat_map(|task| compare(task, &there, &options)).collect();
    println!();
    ratios.iter().for_each(|ratio| println!("ratio: {ratio}"));
}

/// Measures all proxies at this task, prints a table, and returns the ratios in words.
fn compare(task: Task, contenders: &[Contender], options: &Options) -> Vec<String> {
    let contenders = contenders.iter().filter(|contender| task.is_for(**contender));
    let mut all: Vec<(Contender, Vec<Measured>)> =
        contenders.map(|&contender| (contender, vec![])).collect();
    for _ in 0..options.rounds {
        for (contender, rounds) in &mut all {
            rounds.push(task.measure(*contender, Duration::from_secs(options.seconds)));
        }
    }

    task.print_header();
    let rows: Vec<Row> = all.into_iter().map(|(who, rounds)| Row::of(who, task, rounds)).collect();
    rows.iter().for_each(|row| println!("{row}"));
    let relay = rows.iter().find(|row| row.contender == Contender::Relay).unwrap();
    let others = rows.iter().filter(|row| row.contender != Contender::Relay);
    others.map(|other| relay.divided_by(other)).collect()
}

impl Task {
    /// Few bytes fit into any buffer.
    fn is_for(self, contender: Contender) -> bool {
        matches!(self, Task::Bulk) || contender != Contender::SocatLarge
    }

    fn measure(self, contender: Contender, time: Duration) -> Measured {
        match self {
            Task::Bulk => {
                let (sink, upstream) = socket::listen();
                let proxy = contender.start(upstream);
                let times = [WARM_UP, time];
                let (rate, memory) = bulk::run(proxy.address, &sink, times, || proxy.memory());
                proxy.end();
                Measured { rate, seen: None, memory }
            }
            Task::Exchanges(clients) => {
                let upstream = Server::lesson("lesson05-server", &["--model", "event", "--quiet"]);
                let proxy = contender.start(upstream.address);
                let mut load = Load::connect(proxy.address, clients);
                let seen = load.run(WARM_UP, time);
                let memory = proxy.memory();
                // The clients leave first, so that nobody has anyone to wait for.
                drop(load);
                proxy.end();
                assert_eq!(upstream.stop().status, Some(0), "after Ctrl-C");
                Measured { rate: seen.rate, seen: Some(seen), memory }
            }
        }
    }

    fn print_header(self) {
        println!();
        let [rate, latencies] = match self {
            Task::Bulk => ["MB/s", ""],
            Task::Exchanges(_) => ["exchanges/s", "       p50      p99    p99.9"],
        };
        println!(
            "{:<28}{rate:>11}{:>16}{:>9}{latencies}",
            self.to_string(),
            "lowest-highest",
            "peak MiB"
        );
    }

    /// What a rate is counted in.
    fn unit(self) -> f64 {
        match self {
            Task::Bulk => 1e6,
            Task::Exchanges(_) => 1.0,
        }
    }
}

impl fmt::Display for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Task::Bulk => write!(f, "bulk"),
            Task::Exchanges(clients) => write!(f, "{MESSAGE} bytes, connections {clients}"),
        }
    }
}

impl Row {
    fn of(contender: Contender, task: Task, mut rounds: Vec<Measured>) -> Row {
        rounds.sort_by(|one, other| one.rate.total_cmp(&other.rate));
        let [lowest, highest] = [0, rounds.len() - 1].map(|round| rounds[round].rate);
        let median = rounds.swap_remove(rounds.len() / 2);
        Row { contender, task, median, lowest, highest }
    }

    /// This one's figures divided by the other's, in words.
    fn divided_by(&self, other: &Row) -> String {
        let (one, by) = (&self.median, &other.median);
        let rate = one.rate / by.rate;
        let mut words =
            format!("{} / {}, {}: rate {rate:.2}", self.contender, other.contender, self.task);
        if let (Some(one), Some(by)) = (&one.seen, &by.seen) {
            words += &format!(", p99 {:.2}", one.p99 / by.p99);
        }
        if let (Some(one), Some(by)) = (one.memory, by.memory) {
            words += &format!(", memory {:.2}", one / by);
        }
        words
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Row { contender, task, median: Measured { rate, seen, memory }, lowest, highest } =
            self;
        let [rate, lowest, highest] = [rate, lowest, highest].map(|rate| rate / task.unit());
        let span = format!("{lowest:.0}-{highest:.0}");
        let memory = memory.map_or("-".to_owned(), |memory| format!("{memory:.1}"));
        write!(f, "{contender:<28}{rate:>11.0}{span:>16}{memory:>9}")?;
        match seen {
            Some(Seen { p50, p99, p999, .. }) => write!(f, "{p50:>10.0}{p99:>9.0}{p999:>9.0}"),
            None => Ok(()),
        }
    }
}
