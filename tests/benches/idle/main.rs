//! What ten thousand clients cost that say nothing: with a thread for each, and with an event loop.
//!
//! ```text
//! cargo bench -p e2e --bench idle
//! cargo bench -p e2e --bench idle -- --connections 1000
//! ```
//!
//! The clients are this process, and the server is another, so that each needs one descriptor for a
//! connection. The memory is that of the server's process; the kernel's for sockets and for the
//! stacks of threads inside the kernel comes on top.
#![expect(
    clippy::unwrap_used,
    reason = "an error would make the benchmark worthless; the harness prints what the server said"
)]

use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use clap::{Parser, value_parser};
use e2e::benchmark::{Usage, is_asked_for, raise_descriptor_limit};
use e2e::{Server, socket};

/// Descriptors of a process that are for something else: its standard streams, its binary, pipes.
const SPARE: usize = 200;
/// How many clients connect before one of them asks something: as many fit into the accept queue.
const BATCH: usize = 500;
/// How many clients come, one after the other, while all the others are connected.
const NEXT: usize = 100;

#[derive(Parser)]
struct Options {
    /// How many clients are connected and idle.
    #[arg(long, value_name = "N", default_value = "10000",
          value_parser = value_parser!(u32).range(1..=15_000))]
    connections: u32,
    /// What cargo gives to every benchmark.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() {
    if !is_asked_for() {
        return;
    }
    let wanted = Options::parse().connections as usize;
    let allowed = raise_descriptor_limit();
    let connections = wanted.min(allowed.saturating_sub(SPARE));
    println!("idle connections: {connections}; clients and server are separate processes");
    if connections < wanted {
        println!(
            "not {wanted}: this system allows a process {allowed} descriptors, and {SPARE} stay \
             free (ulimit -Hn)"
        );
    }
    let [thread, event] = ["thread", "event"].map(|model| measure(model, connections));
    println!();
    // The waits are no ratio: a short one is mostly what else the machine does at that moment.
    println!(
        "ratio: thread / event, idle connections {connections}: memory per connection {:.1}",
        thread / event
    );
}

/// Prints what a model needs, and returns the memory for each connection, in KiB.
fn measure(model: &str, connections: usize) -> f64 {
    let args = ["--model", model, "--max-connections", "20000", "--quiet"];
    let server = Server::lesson("lesson05-server", &args);
    let before = Usage::of(server.id());
    let begin = Instant::now();
    let mut idle = connect(server.address, connections);
    let connecting = begin.elapsed();
    let with_all = Usage::of(server.id());

    let mut waits: Vec<Duration> = (0..NEXT).map(|_| next_client(server.address)).collect();
    waits.sort();
    let (next, worst) = (waits[NEXT / 2], waits[NEXT - 1]);

    let each = |before: u64, after: u64| (after as f64 - before as f64) / connections as f64;
    let memory = each(before.resident, with_all.resident);
    let threads = each(before.threads, with_all.threads);
    println!();
    println!("--model {model}: all connected and accepted after {connecting:.2?}");
    println!(
        "  the next client     {next:.0?} from connect to answer; the worst of {NEXT} {worst:.0?}"
    );
    println!(
        "  memory (VmRSS)      {:.1} MiB; {memory:.1} KiB per connection",
        with_all.resident as f64 / 1024.0
    );
    println!("  threads             {}; {threads:.2} per connection", with_all.threads);
    println!("  still alive         {} of the idle ones were answered", ask_some(&mut idle));

    // The clients leave first, so that the server has nobody to wait for.
    drop(idle);
    assert_eq!(server.stop().status, Some(0), "after Ctrl-C");
    memory
}

/// Connects so many clients, and returns once the server has accepted all of them. A server accepts
/// in the order of the accept queue: if one client is answered, those before it have been accepted.
fn connect(server: SocketAddr, connections: usize) -> Vec<TcpStream> {
    let mut idle = Vec::with_capacity(connections);
    while idle.len() < connections {
        let batch = BATCH.min(connections - idle.len());
        idle.extend((0..batch).map(|_| socket::connect(server)));
        exchange(idle.last_mut().unwrap());
    }
    idle
}

fn next_client(server: SocketAddr) -> Duration {
    let begin = Instant::now();
    exchange(&mut socket::connect(server));
    begin.elapsed()
}

/// Lets every hundredth of them say something, and returns how many have been answered.
fn ask_some(idle: &mut [TcpStream]) -> usize {
    idle.iter_mut().step_by(100).map(exchange).count()
}

fn exchange(client: &mut TcpStream) {
    let message = b"are you still there?";
    let answer = socket::exchange(client, message, message.len());
    assert_eq!(answer, message.to_ascii_uppercase());
}
