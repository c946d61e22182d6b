//! The main job: broken and fixed framing, side by side, on this machine's own sockets.

use std::fmt::Write as _;
use std::io::{self, BufRead as _, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use clap::builder::PossibleValuesParser;
use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};
use compare::bench::{self, BenchOptions, Settings};
use compare::scenario::{self, IN_FULL};
use compare::terminal::{DEFAULT_WIDTH, Renderer};
use compare::{RunReport, Scenario, Stepper, html, sweep};
use trace::Event;

/// Broken and fixed framing, side by side: the same messages through lesson02 and lesson03.
///
///     cargo run -p compare                                   two scenarios in full, the rest in a line
///     cargo run -p compare -- --scenario cut-character       one in full
///     cargo run -p compare -- --send A --send B --read 3     your own messages
///
/// All of it happens on this machine, over its loopback, and takes a few seconds.
#[derive(Debug, Parser)]
#[command(name = "compare", version, verbatim_doc_comment)]
struct Args {
    /// Draw every scenario in full.
    #[arg(long)]
    all: bool,
    /// Draw this scenario; may be given several times.
    #[arg(long, value_name = "NAME", conflicts_with = "all", value_parser = names())]
    scenario: Vec<String>,
    /// Name the scenarios.
    #[arg(long)]
    list: bool,
    /// What the random messages of the sweep are made from.
    #[arg(long, value_name = "N", default_value = "1")]
    seed: u64,
    /// Print everything that happened as JSON.
    #[arg(long, conflicts_with_all = ["step", "html"])]
    json: bool,
    /// Wait for Enter before each call.
    #[arg(long)]
    step: bool,
    /// Send this; may be given several times. Your messages instead of the scenarios'.
    #[arg(long, value_name = "TEXT", group = "messages", conflicts_with_all = ["all", "scenario"])]
    send: Vec<String>,
    /// The sizes of the reader's recv calls in bytes, in turn; the last one is repeated.
    #[arg(long, value_name = "N,…", value_delimiter = ',', requires = "messages", value_parser = clap::value_parser!(u32).range(1..=1_048_576))]
    read: Vec<u32>,
    /// Draw with ASCII characters only.
    #[arg(long)]
    ascii: bool,
    /// Write a page for a browser into this file.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    #[command(flatten)]
    bench: BenchOptions,
}

/// The most bytes that a person may send in all: each recv of each of them is drawn.
const MAX_SENT: usize = 4096;

fn names() -> PossibleValuesParser {
    let mut names: Vec<_> = scenario::all().iter().map(|scenario| scenario.name).collect();
    names.dedup();
    PossibleValuesParser::new(names)
}

fn main() -> ExitCode {
    let args = Args::parse();
    let total: usize = args.send.iter().map(String::len).sum();
    if total > MAX_SENT {
        let words =
            format!("{total} bytes are too many to look at: --send takes {MAX_SENT} in all");
        Args::command().error(ErrorKind::ValueValidation, words).exit();
    }
    match run(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            _ = writeln!(io::stderr(), "compare: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> anyhow::Result<()> {
    if args.list {
        let line = |scenario: &Scenario| format!("{:<16}{}\n", scenario.name, scenario.title);
        print(&scenario::all().iter().map(line).collect::<String>());
        return Ok(());
    }
    if let Some(settings) = args.bench.settings(&args.send, &args.read, args.seed) {
        return play_at_bench(args, settings);
    }
    let report = play(args)?;
    if args.json {
        print(&serde_json::to_string_pretty(&report).context("cannot write JSON")?);
    } else if let Some(file) = &args.html {
        let wrote = std::fs::write(file, html::page(&report));
        wrote.with_context(|| format!("cannot write {}; is its folder there?", file.display()))?;
        print(&format!("wrote {}: open it in a browser\n", file.display()));
    } else {
        print(&draw(args, &report));
    }
    Ok(())
}

/// Your own messages, delivered in your own way.
fn play_at_bench(args: &Args, settings: Settings) -> anyhow::Result<()> {
    let wrong_usage =
        |words: String| -> ! { Args::command().error(ErrorKind::ValueValidation, words).exit() };
    if args.html.is_some() || args.step || args.all || !args.scenario.is_empty() {
        wrong_usage("this play is drawn on the terminal and as JSON only; `cargo run -p lab` steps through it".to_owned());
    }
    let plan = bench::Plan::new(settings).unwrap_or_else(|error| wrong_usage(error.to_string()));
    let played = bench::play(&plan)?;
    match args.json {
        true => print(&serde_json::to_string_pretty(&played).context("cannot write JSON")?),
        false => print(&bench::draw(&played)),
    }
    Ok(())
}

/// Prints at once, in colour if somebody looks. If nobody reads it any more, that is no error.
fn print(text: &str) {
    let mut out = anstream::stdout().lock();
    _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// The scenarios that the command line asks for, and the sweep unless it asks for some of them only.
fn play(args: &Args) -> anyhow::Result<RunReport> {
    let stepper = args.step.then(|| Arc::new(EnterKey) as Arc<dyn Stepper>);
    let comparisons = choose(args)
        .iter()
        .map(|scenario| {
            if args.step {
                print(&format!("\n{}: {}\n", scenario.name, scenario.title));
            }
            compare::play(scenario, stepper.clone())
        })
        .collect::<Result<_, _>>()?;
    let some = !args.scenario.is_empty() || !args.send.is_empty();
    let sweep = match some {
        true => Vec::new(),
        false => sweep::run(args.seed).context("cannot try every read size")?,
    };
    Ok(RunReport { seed: args.seed, comparisons, sweep })
}

/// Shows what happens, and asks for Enter before each call.
struct EnterKey;

impl Stepper for EnterKey {
    fn begin(&self, code: &str) {
        print(&format!(" {code}\n"));
    }

    fn before(&self, next: &str, events: &[Event]) {
        let line = |event: &Event| format!("  {}  {}\n", event.lane, event.action);
        let happened: String = events.iter().map(line).collect();
        print(&format!("{happened}  next: {next}  [Enter] "));
        _ = io::stdin().lock().read_line(&mut String::new());
    }
}

fn choose(args: &Args) -> Vec<Scenario> {
    if !args.send.is_empty() {
        let reads = args.read.iter().map(|&size| size as usize).collect();
        return vec![scenario::custom(args.send.clone(), reads)];
    }
    let all = scenario::all();
    let asked = |scenario: &Scenario| args.scenario.iter().any(|name| scenario.name == *name);
    match args.scenario.is_empty() {
        true => all,
        false => all.into_iter().filter(asked).collect(),
    }
}

fn draw(args: &Args, report: &RunReport) -> String {
    let width =
        terminal_size::terminal_size().map_or(DEFAULT_WIDTH, |(width, _)| usize::from(width.0));
    let renderer = Renderer::new(width, args.ascii);
    let plain = !args.all && args.scenario.is_empty() && args.send.is_empty();
    let (full, lines): (Vec<_>, Vec<_>) = report
        .comparisons
        .iter()
        .partition(|comparison| !plain || IN_FULL.contains(&comparison.name.as_str()));
    let full: Vec<String> =
        full.into_iter().map(|comparison| renderer.in_full(comparison)).collect();
    let mut picture = full.join("\n");
    if !lines.is_empty() {
        picture.push('\n');
    }
    let mut last = "";
    for comparison in &lines {
        picture += &renderer.in_a_line(comparison, comparison.name != last);
        last = &comparison.name;
    }
    if !report.sweep.is_empty() {
        _ = write!(picture, "\n{}", renderer.sweep(&report.sweep));
    }
    picture + if plain { NEXT_STEPS } else { "" }
}

const NEXT_STEPS: &str = "
next:  cargo run -p compare -- --scenario cut-header   one more in full (--list, --all)
       scripts/diff 2 3                                the lines that make the difference
       cargo run -p lesson02-server                    and cargo run -p lesson02-client
";
