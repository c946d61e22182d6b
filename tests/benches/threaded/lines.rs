//! What the lines cost that lesson 05 prints, two for each exchange: its models with `--quiet`, and without
//! it, where nobody has to be waited for: `/dev/null`, and a file.

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

/// The quiet one comes first: the others are divided by it.
const ALL_LINES: [Lines; 3] = [Lines::Quiet, Lines::Nowhere, Lines::File];

/// Measures, prints a table, and returns the ratios in words.
pub(crate) fn compare(rounds: u64, time: Duration) -> Vec<String> {
    println!();
    println!(
        "{:<40}{:>10}{:>16}{:>8}{:>9}  divided by quiet:",
        "lines", "requests/s", "lowest-highest", "p50", "p99"
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
                let divided = mine.iter().zip(&seen[0]).map(|(one, quiet)| one.rate / quiet.rate);
                let ratio = median(divided);
                let name = format!("--model {model}, lines {}", lines.name());
                print_row(&format!("{name}, {connections}"), mine, ratio);
                if *lines != Lines::Quiet {
                    ratios.push(format!("{name} / --quiet, connections {connections}: {ratio:.2}"));
                }
            }
        }
    }
    ratios
}

fn print_row(name: &str, seen: &[Seen], ratio: f64) {
    let mut by_rate = seen.to_vec();
    by_rate.sort_by(|one, other| one.rate.total_cmp(&other.rate));
    let Seen { rate, p50, p99, .. } = by_rate[by_rate.len() / 2];
    let spread = format!("{:.0}-{:.0}", by_rate[0].rate, by_rate[by_rate.len() - 1].rate);
    println!("{name:<40}{rate:>10.0}{spread:>16}{p50:>8.0}{p99:>9.0}{ratio:>10.2}");
}

fn measure(model: &str, lines: Lines, connections: usize, time: Duration) -> Seen {
    let (mut server, address) = start(model, lines);
    let seen = Load::connect(address, connections).run(WARM_UP, time);
    server.kill().unwrap();
    server.wait().unwrap();
    seen
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
