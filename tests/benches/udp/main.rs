//! A file in numbered, acknowledged datagrams (lesson 09): what a window is worth where datagrams
//! take their time, and how fast it is where they do not.
//!
//! ```text
//! cargo bench -p e2e --bench udp
//! cargo bench -p e2e --bench udp -- --delayed 60 --loopback 8 --rounds 1
//! ```
//!
//! The time is that of the whole client, from its start to its end. Every file that has arrived is
//! compared with the one that was sent.
#![expect(
    clippy::unwrap_used,
    reason = "an error would make the benchmark worthless; the harness prints what the server said"
)]

use std::fs;
use std::time::{Duration, Instant};

use clap::{Parser, value_parser};
use e2e::benchmark::is_asked_for;
use e2e::{Program, Server};

/// What either end does to what it sends: together that is a round trip of 40 ms.
const DELAY: [&str; 2] = ["--fault", "delay=20ms"];

// The sizes have an end because the harness gives a client up after `e2e::DEADLINE`.
#[derive(Parser)]
struct Options {
    /// Size of the file that is sent with a delay, in KB (1000 bytes).
    #[arg(long, value_name = "KB", default_value = "240",
          value_parser = value_parser!(u64).range(1..=500))]
    delayed: u64,
    /// Size of the file that is sent without one, in MiB.
    #[arg(long, value_name = "MIB", default_value = "64",
          value_parser = value_parser!(u64).range(1..=256))]
    loopback: u64,
    /// How many times the latter is sent.
    #[arg(long, value_name = "N", default_value = "3",
          value_parser = value_parser!(u64).range(1..))]
    rounds: u64,
    /// What cargo gives to every benchmark.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() {
    if !is_asked_for() {
        return;
    }
    let options = Options::parse();
    let ratio = compare_windows(options.delayed * 1000);
    println!();
    measure_loopback(options.loopback, options.rounds);
    println!();
    println!("ratio: default window / window 1, round trip 40 ms: rate {ratio:.1}");
}

/// Returns how many times as long the transfer takes with a window of one datagram.
fn compare_windows(size: u64) -> f64 {
    println!("{} KB, each end delays what it sends by 20 ms", size / 1000);
    let windows: [(&str, &[&str]); 2] = [("default", &[]), ("1", &["--window", "1"])];
    let [default, one] = windows.map(|(name, window)| {
        let seconds = send(size, &DELAY, &[&DELAY[..], window].concat()).as_secs_f64();
        println!("  window {name:<9}{seconds:>7.2} s{:>9.0} KB/s", size as f64 / 1000.0 / seconds);
        seconds
    });
    println!("  the default window is {:.1} times as fast", one / default);
    one / default
}

fn measure_loopback(mebibytes: u64, rounds: u64) {
    println!("{mebibytes} MiB without a delay, default window; rounds: {rounds}");
    let size = mebibytes * 1024 * 1024;
    let mut rates: Vec<f64> =
        (0..rounds).map(|_| size as f64 / 1e6 / send(size, &[], &[]).as_secs_f64()).collect();
    rates.sort_by(f64::total_cmp);
    let [lowest, median, highest] = [0, rates.len() / 2, rates.len() - 1].map(|at| rates[at]);
    println!("  {median:.1} MB/s (median; lowest {lowest:.1}, highest {highest:.1})");
}

/// Sends a file of so many bytes, and returns how long the client ran.
fn send(size: u64, server_args: &[&str], client_args: &[&str]) -> Duration {
    let folder = tempfile::tempdir().unwrap();
    let [file, received] = ["file.bin", "received"].map(|name| folder.path().join(name));
    // Neighbouring datagrams differ, so that one in another's place is seen.
    let bytes: Vec<u8> = (0..size).map(|at| (at / 7 + at / 1009) as u8).collect();
    fs::write(&file, &bytes).unwrap();
    fs::create_dir(&received).unwrap();

    let options = ["--quiet", "--root", received.to_str().unwrap()];
    let server = Server::lesson("lesson09-server", &[&options[..], server_args].concat());
    let args = [client_args, &["send", file.to_str().unwrap()]].concat();
    let begin = Instant::now();
    let client = Program::client("lesson09-client", server.address, &args).input("").finish();
    let time = begin.elapsed();
    assert_eq!(client.status, Some(0), "status of the client");
    assert!(fs::read(received.join("file.bin")).unwrap() == bytes, "the file arrived changed");
    assert_eq!(server.stop().status, Some(0), "after Ctrl-C");
    time
}
