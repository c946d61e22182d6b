//! What `--help` says, and what is said of options that are wrong, in the language that is spoken.
//!
//! In English that is clap's own work. In Chinese its texts are taken from our catalogue, and so are the
//! words that clap puts between them.

use std::borrow::Cow;

use clap::builder::PossibleValue;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgAction, Command, Error};
use language::{Language, spoken};
use rust_i18n::t;

/// A command line in the language that is spoken, as `own` translates the texts that are the program's own.
pub fn in_language(command: Command, own: fn(&str) -> String) -> Command {
    if spoken() == Language::English {
        return command;
    }
    let (about, long_about) =
        (translated(command.get_about(), own), translated(command.get_long_about(), own));
    let names: Vec<String> = command.get_subcommands().map(|it| it.get_name().to_owned()).collect();
    let command = names
        .into_iter()
        .fold(command, |command, name| command.mut_subcommand(name, |it| in_language(it, own)));
    let command = command
        .mut_args(|arg| in_chinese(arg, own))
        .about(about)
        .long_about(long_about)
        .disable_help_subcommand(true)
        .subcommand_help_heading(t!("Commands").into_owned());
    let flag = |name: &'static str, short: char, help: Cow<'static, str>, action: ArgAction| {
        let heading = t!("Options").into_owned();
        Arg::new(name)
            .long(name)
            .short(short)
            .help(help.into_owned())
            .action(action)
            .help_heading(heading)
    };
    let version = flag("version", 'V', t!("Print version"), ArgAction::Version);
    // What has no version of its own, as a command's command, has no option that prints it.
    let version = command.get_version().is_some().then_some(version);
    command
        .disable_help_flag(true)
        .disable_version_flag(true)
        .arg(flag("help", 'h', t!("Print help; -h says it in short"), ArgAction::Help))
        .args(version)
        .help_template(t!("{about-with-newline}\nUsage: {usage}\n\n{all-args}").into_owned() + "\n")
}

/// All texts of a command line that need their Chinese.
pub(crate) fn texts(command: &Command) -> Vec<String> {
    let about = [command.get_about(), command.get_long_about()];
    let mut texts: Vec<String> = about.into_iter().flatten().map(ToString::to_string).collect();
    for arg in command.get_arguments() {
        texts.extend(arg.get_help().map(ToString::to_string));
        for value in arg.get_possible_values() {
            texts.extend(value.get_help().map(ToString::to_string));
        }
    }
    texts
}

fn translated(text: Option<&clap::builder::StyledStr>, own: fn(&str) -> String) -> String {
    own(&text.map(ToString::to_string).unwrap_or_default())
}

/// An option with its Chinese, its values and its default.
fn in_chinese(arg: Arg, own: fn(&str) -> String) -> Arg {
    let mut help = translated(arg.get_help(), own);
    let takes_value = arg.get_action().takes_values();
    let values = if takes_value { arg.get_possible_values() } else { Vec::new() };
    let names: Vec<&str> = values.iter().map(PossibleValue::get_name).collect();
    if !names.is_empty() {
        help += &t!(" [values: %{names}]", names = names.join(", "));
    }
    if let ([default], true) = (arg.get_default_values(), takes_value) {
        help += &t!(" [default: %{value}]", value = default.display());
    }
    let explained = values.iter().filter_map(|value| {
        let help = value.get_help()?.to_string();
        Some(format!("\n- {}: {}", value.get_name(), own(&help)))
    });
    let long_help = help.clone() + &explained.collect::<String>();
    let heading = if arg.is_positional() { t!("Arguments") } else { t!("Options") };
    arg.help(help)
        .long_help(long_help)
        .help_heading(heading.into_owned())
        .hide_possible_values(takes_value)
        .hide_default_value(takes_value)
}

/// Prints what clap has to say, in the language that is spoken, and ends the program.
pub fn exit(error: Error) -> ! {
    if spoken() == Language::English || !error.use_stderr() {
        error.exit()
    }
    let said = |kind| error.get(kind).map(shown).unwrap_or_default();
    let (arg, value) = (said(ContextKind::InvalidArg), said(ContextKind::InvalidValue));
    let what = match error.kind() {
        ErrorKind::UnknownArgument => t!("there is no option %{arg}", arg = arg),
        ErrorKind::InvalidSubcommand => {
            let name = said(ContextKind::InvalidSubcommand);
            t!("there is no command %{name}", name = name)
        }
        ErrorKind::MissingRequiredArgument => t!("%{arg} is missing", arg = arg),
        ErrorKind::ArgumentConflict => {
            let other = said(ContextKind::PriorArg);
            t!("%{arg} and %{other} do not go together", arg = arg, other = other)
        }
        ErrorKind::InvalidValue if value.is_empty() => t!("%{arg} wants a value", arg = arg),
        ErrorKind::InvalidValue => t!(
            "%{arg} cannot be %{value}, but %{values}",
            arg = arg,
            value = value,
            values = said(ContextKind::ValidValue)
        ),
        ErrorKind::ValueValidation if !arg.is_empty() => {
            let why = std::error::Error::source(&error).map(ToString::to_string);
            let why = why.unwrap_or_default();
            t!("%{arg} cannot be %{value}: %{why}", arg = arg, value = value, why = why)
        }
        _ => own_words(&error).into(),
    };
    let usage = said(ContextKind::Usage);
    let usage = usage.trim_start_matches("Usage:").trim_start();
    let help = t!("--help says more");
    let usage = if usage.is_empty() {
        String::new()
    } else {
        t!("\n\nUsage: %{usage}", usage = usage).into_owned()
    };
    anstream::eprintln!("{}{usage}\n\n{help}", t!("error: %{what}", what = what));
    std::process::exit(error.exit_code())
}

/// What an error says itself, without the words around it: our own messages are in the right language.
fn own_words(error: &Error) -> String {
    let text = error.render().to_string();
    let text = text.trim_start_matches("error:").trim_start();
    text.split("\n\nUsage:").next().unwrap_or(text).trim_end().to_owned()
}

fn shown(value: &ContextValue) -> String {
    match value {
        ContextValue::Strings(all) => all.join(", "),
        ContextValue::StyledStrs(all) => {
            all.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    }
}
