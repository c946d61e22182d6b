//! The command line: what it takes, and what is said of one that is wrong.

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{ArgAction, CommandFactory, FromArgMatches, Parser};
use compare::bench::{BenchOptions, Plan};
use compare::scenario;
use language::Language;
use rust_i18n::t;
use unicode_width::UnicodeWidthStr;

/// The most bytes that a person may send in all: each recv of each of them is drawn.
const MAX_SENT: usize = 4096;
/// The name under which `--scenario` takes the sweep.
pub(crate) const SWEEP: &str = "sweep";

/// Broken and fixed framing, side by side.
#[derive(Debug, Parser)]
#[command(
    name = "compare",
    version,
    about = t!("Broken and fixed framing, side by side: the same messages through lesson02 and lesson03, over real sockets of this machine. It takes a few seconds.").to_string(),
    disable_help_flag = true,
    disable_version_flag = true
)]
pub(crate) struct Arguments {
    #[arg(long, help = t!("Draw every scenario in full.").to_string())]
    pub(crate) all: bool,
    #[arg(long, value_name = "NAME", conflicts_with = "all", value_parser = PossibleValuesParser::new(names()), hide_possible_values = true, help = t!("Draw this scenario; may be given several times. --list names them.").to_string())]
    pub(crate) scenario: Vec<String>,
    #[arg(long, help = t!("Name the scenarios.").to_string())]
    pub(crate) list: bool,
    #[arg(long, value_name = "TEXT", group = "messages", conflicts_with_all = ["all", "scenario"], help = t!("Send this; may be given several times. Your messages instead of the scenarios'.").to_string())]
    pub(crate) send: Vec<String>,
    #[arg(long, value_name = "N,N", value_delimiter = ',', requires = "messages", value_parser = clap::value_parser!(u32).range(1..=1_048_576), help = t!("The sizes of the reader's recv calls in bytes, in turn; the last one is repeated.").to_string())]
    pub(crate) read: Vec<u32>,
    #[arg(long, help = t!("Wait for Enter before each call.").to_string())]
    pub(crate) step: bool,
    #[arg(long, value_name = "FILE", help = t!("Write a page for a browser into this file; - is standard output.").to_string())]
    pub(crate) html: Option<PathBuf>,
    #[arg(long, conflicts_with_all = ["step", "html"], help = t!("Print everything that happened as JSON.").to_string())]
    pub(crate) json: bool,
    #[arg(long, value_name = "N", default_value = "1", hide_default_value = true, help = t!("What the random messages of the sweep are made from; 1 unless given.").to_string())]
    pub(crate) seed: u64,
    #[arg(long, help = t!("Print ASCII characters only, and so in English.").to_string())]
    pub(crate) ascii: bool,
    #[arg(long, value_name = "LANGUAGE", value_parser = PossibleValuesParser::new(Language::ALL.map(Language::name)).try_map(|name| name.parse::<Language>()), hide_possible_values = true, help = t!("Speak en (English) or zh (Chinese); else what SOCKET_LANG says, else the system's language.").to_string())]
    pub(crate) lang: Option<Language>,
    #[arg(long, short = 'V', action = ArgAction::Version, help = t!("Print the version.").to_string())]
    version: Option<bool>,
    #[arg(long, short = 'h', action = ArgAction::Help, help = t!("Print this help.").to_string())]
    help: Option<bool>,
    #[command(flatten)]
    bench: BenchOptions,
    /// What the bench plays, if it is set.
    #[arg(skip)]
    pub(crate) plan: Option<Plan>,
}

/// Why a command line cannot be taken.
#[derive(Debug)]
pub(crate) enum Refused {
    /// It only asks for the help or the version, which this error prints.
    Asks(clap::Error),
    /// It is wrong, and this says in what.
    Wrong(String),
}

impl Arguments {
    /// What the command line says. `width` is that of the terminal, in columns.
    pub(crate) fn read(width: usize) -> Result<Arguments, Refused> {
        let matches = command(width).try_get_matches();
        let arguments = matches.and_then(|matches| Arguments::from_arg_matches(&matches));
        let mut arguments = arguments.map_err(|error| match error.kind() {
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Refused::Asks(error),
            _ => Refused::Wrong(what_is_wrong(&error)),
        })?;
        let total: usize = arguments.send.iter().map(String::len).sum();
        if total > MAX_SENT {
            return Err(Refused::Wrong(
                t!(
                    "%{total} bytes are too many to look at: --send takes %{most} in all",
                    total = total,
                    most = MAX_SENT
                )
                .into_owned(),
            ));
        }
        arguments.plan = arguments.planned().map_err(Refused::Wrong)?;
        Ok(arguments)
    }

    /// What the bench is set to play, if it is; what is wrong with that.
    fn planned(&self) -> Result<Option<Plan>, String> {
        let settings = self.bench.settings(&self.send, &self.read, self.seed);
        let Some(settings) = settings.map_err(|error| error.to_string())? else { return Ok(None) };
        let others = [
            ("--all", self.all),
            ("--scenario", !self.scenario.is_empty()),
            ("--step", self.step),
            ("--html", self.html.is_some()),
        ];
        if let Some((option, _)) = others.into_iter().find(|(_, is_given)| *is_given) {
            return Err(t!(
                "%{option} does not go with a delivery of your own, which is drawn in the terminal or printed as JSON; cargo run -p lab steps through it",
                option = option
            )
            .into_owned());
        }
        Plan::new(settings).map(Some).map_err(|error| error.to_string())
    }
}

/// What `--scenario` takes.
fn names() -> Vec<&'static str> {
    let mut names: Vec<_> = scenario::all().iter().map(|scenario| scenario.name).collect();
    names.dedup();
    names.push(SWEEP);
    names
}

/// The command, with its help in lines that fit: clap breaks lines at spaces only, and Chinese has none.
fn command(width: usize) -> clap::Command {
    let command = Arguments::command();
    let heading = t!("Options").into_owned();
    let option = |it: &clap::Arg| {
        let value = it.get_value_names().and_then(|names| names.first());
        let long = it.get_long().map_or(0, str::len);
        long + value.map_or(0, |name| name.width() + 3)
    };
    // `  -h, --` stands before an option, and two blanks behind the longest.
    let indent = 10 + command.get_arguments().map(option).max().unwrap_or(0);
    let fill = |text: String, width: usize| language::wrap(&text, width.max(20)).join("\n");
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    let usage = t!("Usage: %{usage}", usage = "{usage}");
    command
        .about(fill(about, width))
        .term_width(0)
        .help_template(format!("{{about-with-newline}}\n{usage}\n\n{{all-args}}{{after-help}}"))
        .after_help(examples())
        .mut_args(|argument| {
            let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
            let argument = argument.help(fill(help, width.saturating_sub(indent)));
            match argument.get_help_heading() {
                Some(_) => argument,
                None => argument.help_heading(heading.clone()),
            }
        })
}

/// Some command lines, each with what it shows.
fn examples() -> String {
    let examples = [
        ("cargo run -p compare", t!("two scenarios in full, the rest in a line")),
        ("cargo run -p compare -- --scenario udp", t!("one in full")),
        ("cargo run -p compare -- --send A --send B --read 3", t!("your own messages")),
        ("cargo run -p compare -- --send A --send B --deliver bytes", t!("your own delivery")),
    ];
    let line = |(command, words)| format!("  {command}\n      {words}");
    format!("{}\n{}", t!("For example:"), examples.map(line).join("\n"))
}

/// In what a command line is wrong, and what there is instead.
fn what_is_wrong(error: &clap::Error) -> String {
    let words = |kind: ContextKind| -> Option<String> {
        match error.get(kind)? {
            ContextValue::String(word) => Some(word.clone()),
            ContextValue::Strings(words) => Some(words.join(", ")),
            _ => None,
        }
    };
    // `--seed <N>` is named `--seed`.
    // Of several, as in `<--send <TEXT>|--send-hex <HEX>>`, the first is named.
    let name = |option: String| {
        option.trim_start_matches('<').split(' ').next().unwrap_or_default().to_owned()
    };
    let option = name(words(ContextKind::InvalidArg).unwrap_or_default());
    let value = words(ContextKind::InvalidValue).unwrap_or_default();
    let said = match (error.kind(), words(ContextKind::ValidValue)) {
        (ErrorKind::InvalidValue, Some(values)) => {
            t!(
                "%{option} does not take \"%{value}\", only one of: %{values}",
                option = option,
                value = value,
                values = values
            )
        }
        (ErrorKind::InvalidValue, None) => t!("%{option} needs a value", option = option),
        (ErrorKind::ValueValidation, _) => {
            t!("%{option} does not take \"%{value}\"", option = option, value = value)
        }
        (ErrorKind::UnknownArgument, _) => t!("there is no option %{option}", option = option),
        (ErrorKind::ArgumentConflict, _) => t!(
            "%{option} and %{other} do not go together",
            option = option,
            other = name(words(ContextKind::PriorArg).unwrap_or_default())
        ),
        (ErrorKind::MissingRequiredArgument, _) => t!("%{option} is missing", option = option),
        _ => t!("the command line cannot be understood at %{option}", option = option),
    };
    let suggested = [ContextKind::SuggestedArg, ContextKind::SuggestedValue].map(words);
    match suggested.into_iter().flatten().next() {
        Some(other) => t!("%{said} (did you mean %{other}?)", said = said, other = other),
        None => said,
    }
    .into_owned()
}
