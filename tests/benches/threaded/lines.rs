//! What the lines cost that lesson 05 prints, two for each exchange: its models with `--quiet`, and without
//! it, where nobody has to be waited for: `/dev/null`, and a file.
//!
//! Where other work takes the cores away, the rate says little; the server's own time on the processor for an
//! exchange says what the lines cost all the same.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use e2e::{DEADLINE, binary};

use crate::load::{Load, Seen};
use crate::{WARM_UP, median};

const CONNECTIONS: [usize; 2] = [64, 1000];
const MODELS: [&str; 2] = ["thread", "event"];

/// How often a server is asked whether it listens already.
const RETRY_PAUSE: Duration = Duration::from_millis(10);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Lines {
    /// None: `--quiet`.
    Quiet,
    /// To `/dev/null`.
    Nowhere,
    /// To a file.
    File,
}

/// One measurement.
#[derive(Clone, Copy)]
struct Measured {
    seen: Seen,
    /// The server's time on the processor for an exchange, in microseconds.
    cpu: f64,
}

impl Measured {
    /// The rate divided by the other's; and the other's time on the processor divided by this one's.
    fn divided_by(&self, other: &Measured) -> [f64; 2] {
        [self.seen.rate / other.seen.rate, other.cpu / self.cpu]
    }
}

/// The quiet one comes first: the others are divided by it.
const ALL_LINES: [Lines; 3] = [Lines::Quiet, Lines::Nowhere, Lines::File];

/// Measures, prints a table, and returns the ratios in words.
pub(crate) fn compare(rounds: u64, time: Duration) -> Vec<String> {
    println!();
    println!(
        "{:<42}{:>10}{:>16}{:>8}{:>9}{:>9}  divided by quiet: rate, CPU",
        "lines", "requests/s", "lowest-highest", "p50", "p99", "CPU us"
    );
    let mut ratios = Vec::new();
    for connections in CONNECTIONS {
        for model in MODELS {
            let mut seen = ALL_LINES.map(|_| Vec::new());
            let mut order: Vec<usize> = (0..ALL_LINES.len()).collect();
            for _ in 0..rounds {
                fastrand::shuffle(&mut order);
                for &at in &order {
                    seen[at].push(measure(model, ALL_LINES[at], connections, time));
                }
            }
            for (lines, mine) in ALL_LINES.iter().zip(&seen) {
                let divided = mine.iter().zip(&seen[0]).map(|(one, quiet)| one.divided_by(quiet));
                let divided: Vec<_> = divided.collect();
                let [rate, cpu] = [0, 1].map(|at| median(divided.iter().map(|ratios| ratios[at])));
                let name = format!("--model {model}, lines {}", lines.name());
                print_row(&format!("{name}, {connections}"), mine, [rate, cpu]);
                if *lines != Lines::Quiet {
                    ratios.push(format!(
                        "{name} / --quiet, connections {connections}: rate {rate:.2}, CPU {cpu:.2}"
                    ));
                }
            }
        }
    }
    ratios
}

fn print_row(name: &str, measured: &[Measured], [rate_ratio, cpu_ratio]: [f64; 2]) {
    let mut by_rate = measured.to_vec();
    by_rate.sort_by(|one, other| one.seen.rate.total_cmp(&other.seen.rate));
    let Measured { seen: Seen { rate, p50, p99, .. }, .. } = by_rate[by_rate.len() / 2];
    let cpu = median(measured.iter().map(|one| one.cpu));
    let (lowest, highest) = (by_rate[0].seen.rate, by_rate[by_rate.len() - 1].seen.rate);
    let spread = format!("{lowest:.0}-{highest:.0}");
    println!(
        "{name:<42}{rate:>10.0}{spread:>16}{p50:>8.0}{p99:>9.0}{cpu:>9.2}{rate_ratio:>10.2}\
         {cpu_ratio:>6.2}"
    );
}

fn measure(model: &str, lines: Lines, connections: usize, time: Duration) -> Measured {
    let (mut server, address) = start(model, lines);
    let mut load = Load::connect(address, connections);
    load.run(Duration::ZERO, WARM_UP);
    let before = cpu_seconds(server.id());
    let seen = load.run(Duration::ZERO, time);
    let exchanges = seen.rate * time.as_secs_f64();
    let cpu = (cpu_seconds(server.id()) - before) * 1e6 / exchanges;
    server.kill().unwrap();
    server.wait().unwrap();
    Measured { seen, cpu }
}

/// The time that a process has had on the processor, in all its threads: utime and stime of proc(5).
fn cpu_seconds(id: u32) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap();
    // The name stands in brackets, and may hold spaces; the two are fields 14 and 15.
    let (_, fields) = stat.rsplit_once(')').unwrap();
    let ticks =
        fields.split_whitespace().skip(11).take(2).map(|field| field.parse::<u64>().unwrap());
    ticks.sum::<u64>() as f64 / rustix::param::clock_ticks_per_second() as f64
}

/// Starts the server itself, since the harness reads what a program prints.
fn start(model: &str, lines: Lines) -> (Child, SocketAddr) {
    let mut command = binary("lesson05-server");
    command.args(["--model", model, "--max-connections", "20000"]);
    match lines {
        Lines::Nowhere => {
            // Nobody sees which port it got, so it is told one that was free a moment ago.
            let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
            let address = free.local_addr().unwrap();
            drop(free);
            command.args(["--listen", &address.to_string()]).stdout(Stdio::null());
            let server = command.spawn().unwrap();
            wait_until(|| std::net::TcpStream::connect(address).ok());
            (server, address)
        }
        Lines::Quiet => start_with_file(command.arg("--quiet")),
        Lines::File => start_with_file(&mut command),
    }
}

fn start_with_file(command: &mut Command) -> (Child, SocketAddr) {
    let mut file = tempfile::tempfile().unwrap();
    command.args(["--listen", "0"]).stdout(file.try_clone().unwrap());
    let server = command.spawn().unwrap();
    let address = wait_until(|| read_address(&mut file));
    // The server writes where this handle reads: both have one offset (open(2)).
    file.seek(SeekFrom::End(0)).unwrap();
    (server, address)
}

fn read_address(file: &mut File) -> Option<SocketAddr> {
    let mut text = String::new();
    file.seek(SeekFrom::Start(0)).unwrap();
    file.read_to_string(&mut text).unwrap();
    text.trim_end().strip_prefix("listening on ")?.parse().ok()
}

fn wait_until<T>(mut ready: impl FnMut() -> Option<T>) -> T {
    let given_up = Instant::now() + DEADLINE;
    loop {
        if let Some(found) = ready() {
            return found;
        }
        assert!(Instant::now() < given_up, "the server does not listen");
        thread::sleep(RETRY_PAUSE);
    }
}

impl Lines {
    fn name(self) -> &'static str {
        match self {
            Lines::Quiet => "--quiet",
            Lines::Nowhere => "to /dev/null",
            Lines::File => "to a file",
        }
    }
}
