//! Lesson 07: what a film is worth in which as many frames are on their way as the link needs, beside
//! the tutorial's lock step, and how old the picture grows on a slow link.
//!
//! ```text
//! cargo bench -p e2e --bench video
//! cargo bench -p e2e --bench video -- --seconds 2 --rounds 1 --slow 5
//! ```
//!
//! ```text
//! lesson07-client ──▶ lesson06-server --fault … ──▶ lesson07-server --view none
//!     a film file, over and over                        decodes every frame that it shows
//! ```
//!
//! Each measurement has processes of its own, and all of them share the machine's cores. The ways to
//! send are measured in turn, in several rounds, and for each the round counts whose rate is the
//! median: compare ratios, not times.
#![expect(
    clippy::unwrap_used,
    reason = "an error would make the benchmark worthless; the harness prints what the server said"
)]

mod film;
mod way;

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Parser, value_parser};
use e2e::benchmark::{Usage, is_asked_for};
use e2e::has_opencv;
use film::Film;
use way::{Link, Pace, Way};

#[derive(Parser)]
struct Options {
    /// How long each rate is measured.
    #[arg(long, value_name = "N", default_value = "8", value_parser = value_parser!(u64).range(2..))]
    seconds: u64,
    /// How many times each way is measured.
    #[arg(long, value_name = "N", default_value = "3", value_parser = value_parser!(u64).range(1..))]
    rounds: u64,
    /// How long the slow link is used.
    #[arg(long, value_name = "N", default_value = "60", value_parser = value_parser!(u64).range(4..))]
    slow: u64,
    /// What cargo gives to every benchmark.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() {
    if !is_asked_for() || !has_opencv() {
        return;
    }
    let options = Options::parse();
    let folder = tempfile::tempdir().unwrap();
    let [large, small] = [[1280, 720], [320, 240]].map(|size| {
        let file = folder.path().join(format!("{}.avi", size[0]));
        way::make_film(&file, size);
        (file, format!("{}x{}", size[0], size[1]))
    });
    let ways: Vec<Way> = Way::ALL.into_iter().filter(|way| way.is_there()).collect();
    let mut ratios = Vec::new();
    // Large frames may take all that the processors give; small ones show what the link takes.
    for (link, film) in [(Link::Direct, &large), (Link::Latency, &large), (Link::Latency, &small)] {
        ratios.extend(compare(&ways, link, film, &options));
    }
    for pace in [Pace::Camera, Pace::Most] {
        ratios.push(look_at_slow_link(&large.0, pace, options.slow));
    }
    println!();
    ratios.iter().for_each(|ratio| println!("ratio: {ratio}"));
}

/// Measures every way over this link, prints a table, and returns the ratios in words.
fn compare(
    ways: &[Way],
    link: Link,
    (file, size): &(PathBuf, String),
    options: &Options,
) -> Vec<String> {
    let task = format!("{link}, {size}");
    let mut all: Vec<(Way, Vec<Film>)> = ways.iter().map(|&way| (way, Vec::new())).collect();
    for _ in 0..options.rounds {
        for (way, rounds) in &mut all {
            rounds.push(way.run(link, file, Duration::from_secs(options.seconds)));
        }
    }
    println!();
    println!("{task}; rounds: {}, each {} s; frames per second", options.rounds, options.seconds);
    println!(
        "{:<24}{:>10}{:>10}{:>16}{:>12}",
        "", "received", "shown", "lowest-highest", "KiB each"
    );
    let medians: Vec<(Way, Film)> = all
        .into_iter()
        .map(|(way, mut rounds)| {
            rounds.sort_by(|one, other| one.rate().total_cmp(&other.rate()));
            let [lowest, highest] = [0, rounds.len() - 1].map(|round| rounds[round].rate());
            let median = rounds.swap_remove(rounds.len() / 2);
            let span = format!("{lowest:.1}-{highest:.1}");
            let each = if median.size > 0 { median.size.to_string() } else { "-".to_owned() };
            println!(
                "{:<24}{:>10.1}{:>10.1}{span:>16}{each:>12}",
                way.to_string(),
                median.rate(),
                median.shown_rate()
            );
            (way, median)
        })
        .collect();
    let (ours, others) = medians.split_first().unwrap();
    let divided = |(way, film): &(Way, Film)| {
        format!(
            "{} / {way}, {task}: received {:.2}, shown {:.2}",
            ours.0,
            ours.1.rate() / film.rate(),
            ours.1.shown_rate() / film.shown_rate()
        )
    };
    others.iter().map(divided).collect()
}

/// Films through a link of 1 MiB a second for so many seconds, and returns how old the frames were
/// that were shown, in frame times of that link.
fn look_at_slow_link(file: &Path, pace: Pace, seconds: u64) -> String {
    println!();
    println!("{}, {pace}, for {seconds} s", Link::Slow);
    let run = way::run_slow(file, pace, Duration::from_secs(seconds));
    let Film { received, shown, missing, size, age, .. } = run.film;
    let [median, late, most] = age;
    // A frame's size in KiB is the time, in 1024ths of a second, that the link needs for it.
    let frame_time = size as f64 / 1024.0 * 1000.0;
    println!("  received {received}, shown {shown}, never sent {missing}, {size} KiB each");
    println!("  a frame takes {frame_time:.0} ms on this link");
    println!("  age of what is shown: median {median} ms, 99% {late} ms, most {most} ms");
    println!("  MiB of memory at start and end (peak):");
    for (name, [start, end]) in run.memory {
        let [start, now, peak] =
            [start.resident, end.resident, end.peak].map(|kib| kib as f64 / 1024.0);
        println!("    {name:<18}{start:>8.1}{now:>8.1}  ({peak:.1})");
    }
    let [median, late, most] = age.map(|age| age as f64 / frame_time);
    format!(
        "age of what is shown / time of a frame, {}, {pace}: median {median:.2}, 99% {late:.2}, \
         most {most:.2}",
        Link::Slow
    )
}

/// What the slow link's run has left.
struct Slow {
    film: Film,
    /// Each program, and what it used at the start and at the end.
    memory: Vec<(&'static str, [Usage; 2])>,
}
