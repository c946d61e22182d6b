//! The main job: broken and fixed framing, side by side, on this machine's own sockets.

mod arguments;

use std::env;
use std::fmt::Write as _;
use std::io::{self, BufRead as _, Write as _};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use compare::bench;
use compare::scenario::{self, IN_FULL};
use compare::terminal::{DEFAULT_WIDTH, Renderer, to_ascii};
use compare::{RunReport, Scenario, Stepper, html, sweep, words};
use language::{Language, command_line};
use rust_i18n::t;
use serde::Serialize;
use trace::Event;

use arguments::{Arguments, Refused, SWEEP};

language::catalogue!();

/// The status of a program that was not called as it should be.
const WRONG_USAGE: u8 = 2;

fn main() -> ExitCode {
    language::speak(reader());
    let arguments = match Arguments::read(width()) {
        Ok(arguments) => arguments,
        Err(Refused::Asks(help)) => command_line::exit(&help),
        Err(Refused::Wrong(words)) => {
            let advice = t!("compare --help shows what there is");
            _ = writeln!(io::stderr(), "compare: {words}\n{advice}");
            return ExitCode::from(WRONG_USAGE);
        }
    };
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            _ = writeln!(io::stderr(), "compare: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The language of who reads this. ASCII has no Chinese characters.
fn reader() -> Language {
    let mut options = env::args_os().take_while(|it| it != "--");
    if options.any(|it| it == "--ascii") {
        return Language::English;
    }
    Language::of_reader(Language::in_arguments(env::args_os()))
}

/// How many columns the terminal has; where there is none, what `COLUMNS` says.
fn width() -> usize {
    let columns = || env::var("COLUMNS").ok()?.parse().ok();
    let terminal = terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    terminal.or_else(columns).unwrap_or(DEFAULT_WIDTH)
}

fn run(args: &Arguments) -> anyhow::Result<()> {
    let renderer = Renderer::new(width(), args.ascii);
    if args.list {
        return print(args.ascii, &list(renderer));
    }
    if let Some(plan) = &args.plan {
        let played = bench::play(plan)?;
        return match args.json {
            true => print_json(args, &played),
            false => print(args.ascii, &bench::draw(&played, renderer)),
        };
    }
    let report = play(args)?;
    if args.json {
        print_json(args, &report)
    } else if let Some(file) = &args.html {
        let page = html::page(&report);
        write_page(args, file, &if args.ascii { escape_html(&page) } else { page })
    } else {
        print(args.ascii, &draw(args, renderer, &report))
    }
}

/// All scenarios, a line each.
fn list(renderer: Renderer) -> String {
    let scenarios = scenario::all();
    let titles = scenarios.iter().map(|scenario| (scenario.name, t!(scenario.title)));
    let all: Vec<_> = titles.chain([(SWEEP, t!("every read size"))]).collect();
    renderer.list(&all.iter().map(|(name, title)| (*name, &**title)).collect::<Vec<_>>())
}

fn write_page(args: &Arguments, file: &Path, page: &str) -> anyhow::Result<()> {
    if file == Path::new("-") {
        return print_raw(page);
    }
    let wrote = std::fs::write(file, page);
    wrote.with_context(|| {
        t!("cannot write %{file}; is its folder there?", file = file.display()).into_owned()
    })?;
    let wrote = t!("wrote %{file}: open it in a browser", file = file.display());
    print(args.ascii, &format!("{wrote}\n"))
}

/// Prints at once, in colour if somebody looks.
fn print(ascii: bool, text: &str) -> anyhow::Result<()> {
    let text = if ascii { to_ascii(text) } else { text.to_owned() };
    let mut out = anstream::stdout().lock();
    printed(out.write_all(text.as_bytes()).and_then(|()| out.flush()))
}

fn print_json(args: &Arguments, value: &impl Serialize) -> anyhow::Result<()> {
    let json = serde_json::to_string_pretty(value).context(t!("cannot write JSON"))?;
    print_raw(&if args.ascii { escape_json(&json) } else { json })
}

/// Prints what is for a program, byte for byte.
fn print_raw(text: &str) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    printed(out.write_all(text.as_bytes()).and_then(|()| out.flush()))
}

/// If nobody reads it any more, that is no error.
fn printed(result: io::Result<()>) -> anyhow::Result<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result.context(t!("cannot write to standard output")),
    }
}

/// In JSON a character that is not ASCII stands in a string, and may be written as UTF-16 there.
fn escape_json(json: &str) -> String {
    let mut ascii = String::with_capacity(json.len());
    for character in json.chars() {
        if character.is_ascii() {
            ascii.push(character);
        } else {
            for unit in character.encode_utf16(&mut [0; 2]) {
                _ = write!(ascii, "\\u{unit:04x}");
            }
        }
    }
    ascii
}

/// In our pages a character that is not ASCII stands in text, and may be written as its number there.
fn escape_html(page: &str) -> String {
    let mut ascii = String::with_capacity(page.len());
    for character in page.chars() {
        if character.is_ascii() {
            ascii.push(character);
        } else {
            _ = write!(ascii, "&#x{:x};", u32::from(character));
        }
    }
    ascii
}

/// The scenarios that the command line asks for, and the sweep unless it asks for some of them only.
fn play(args: &Arguments) -> anyhow::Result<RunReport> {
    let stepper = args.step.then(|| Arc::new(EnterKey { ascii: args.ascii }) as Arc<dyn Stepper>);
    let mut comparisons = Vec::new();
    for scenario in choose(args) {
        if args.step {
            print(args.ascii, &format!("\n{}: {}\n", scenario.name, t!(scenario.title)))?;
        }
        comparisons.push(compare::play(&scenario, stepper.clone())?);
    }
    let is_asked = args.scenario.iter().any(|name| name == SWEEP);
    let sweep = match is_asked || (args.scenario.is_empty() && args.send.is_empty()) {
        true => sweep::run(args.seed).context(t!("cannot try every read size"))?,
        false => Vec::new(),
    };
    Ok(RunReport { seed: args.seed, comparisons, sweep })
}

/// Shows what happens, and asks for Enter before each call.
struct EnterKey {
    ascii: bool,
}

// A terminal that is gone is no reason to end a play; what comes last will say so.
impl Stepper for EnterKey {
    fn begin(&self, code: &str) {
        _ = print(self.ascii, &format!(" {code}\n"));
    }

    fn before(&self, next: &str, events: &[Event]) {
        let line = |event: &Event| {
            format!("  {}  {}\n", words::lane(&event.lane), words::action(&event.action))
        };
        let happened: String = events.iter().map(line).collect();
        _ = print(
            self.ascii,
            &format!("{happened}  {} ", t!("next: %{call}  [Enter]", call = next)),
        );
        _ = io::stdin().lock().read_line(&mut String::new());
    }
}

fn choose(args: &Arguments) -> Vec<Scenario> {
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

fn draw(args: &Arguments, renderer: Renderer, report: &RunReport) -> String {
    let plain = !args.all && args.scenario.is_empty() && args.send.is_empty();
    let (full, lines): (Vec<_>, Vec<_>) = report
        .comparisons
        .iter()
        .partition(|comparison| !plain || IN_FULL.contains(&comparison.name.as_str()));
    let mut parts: Vec<String> =
        full.into_iter().map(|comparison| renderer.in_full(comparison)).collect();
    if !lines.is_empty() {
        parts.push(renderer.in_lines(&lines));
    }
    if !report.sweep.is_empty() {
        parts.push(renderer.sweep(&report.sweep));
    }
    if plain {
        parts.push(renderer.next_steps(&[
            ("cargo run -p compare -- --scenario cut-header", &t!("one more in full")),
            ("cargo run -p compare -- --html compare.html", &t!("all in your browser")),
            ("scripts/diff 2 3", &t!("the lines that differ")),
            ("cargo run -p lesson02-server", &t!("the broken program")),
        ]));
    }
    parts.join("\n")
}
