//! What is around a program: its command line before it, and its last word after it.

use std::env;
use std::io::ErrorKind;
use std::process::ExitCode;

use clap::{Arg, CommandFactory, FromArgMatches, error::ErrorKind as Clap};
use endpoint::{Address, Error, chain};
use language::{Catalogue, Language, text};
use rust_i18n::t;

use crate::CATALOGUE;
use crate::explain::explain;
use crate::help;
use crate::say::{finish, warn};
use crate::values::callable_address;

/// The command line asks for what does not go together; the program ends with status 2.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}; see --help")]
pub struct Usage(pub String);

/// Runs a program: parses its command line, gives `--listen` or `--connect` its default of
/// 127.0.0.1 and `port`, and ends an error with one line on standard error.
///
/// Exit status: 0 fine, 1 failed while running, 2 wrong usage.
///
/// All of it is said in the reader's language, with the package's own `CATALOGUE`.
pub fn run<A>(
    port: u16,
    catalogue: Catalogue,
    program: impl FnOnce(A) -> anyhow::Result<()>,
) -> ExitCode
where
    A: CommandFactory + FromArgMatches,
{
    // The help is spoken too, so this is asked before the options are parsed.
    language::speak(Language::of_reader(Language::in_arguments(env::args_os())));
    catalogue.add();
    CATALOGUE.add();
    let mut command = A::command().arg(language_option());
    for option in ["listen", "connect"] {
        if command.get_arguments().any(|argument| argument.get_id() == option) {
            command = command.mut_arg(option, |argument| {
                argument.required(false).default_value(format!("127.0.0.1:{port}")).value_parser(
                    move |text: &str| match option {
                        "connect" => callable_address(text, port),
                        _ => Address::parse(text, port).map_err(|error| error.to_string()),
                    },
                )
            });
        }
    }
    if command.has_subcommands() {
        // An option means the same before the subcommand and after it.
        command = command.mut_args(|argument| match argument.is_positional() {
            true => argument,
            false => argument.global(true),
        });
    }
    let name = command.get_name().to_owned();
    command = language::command_line::translated(command);
    let args = command.try_get_matches().and_then(|matches| A::from_arg_matches(&matches));
    let outcome = match args {
        Ok(args) => program(args),
        Err(error) => {
            let usage = !matches!(error.kind(), Clap::DisplayHelp | Clap::DisplayVersion);
            // It is no error if nobody reads the help.
            _ = help::print(&error);
            return ExitCode::from(if usage { 2 } else { 0 });
        }
    };
    let status = match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            warn(last_word(&name, &error));
            ExitCode::from(if is_wrong_usage(&error) { 2 } else { 1 })
        }
    };
    finish();
    status
}

/// Whether the command line is to blame: then nothing has been begun.
fn is_wrong_usage(error: &anyhow::Error) -> bool {
    chain(error.as_ref()).any(|error| {
        let asked = error.downcast_ref();
        error.is::<Usage>()
            || matches!(asked, Some(Error::Address { .. } | Error::NotLoopback { .. }))
    })
}

/// What was found in the arguments already.
fn language_option() -> Arg {
    Arg::new("lang")
        .long("lang")
        .value_name("en|zh")
        .value_parser(|name: &str| name.parse::<Language>())
        .help(text!("The language of help, errors and advice [default: the system's]"))
}

fn last_word(program: &str, error: &anyhow::Error) -> String {
    let words = explain(error.as_ref());
    let refused = chain(error.as_ref()).any(|error| match error.downcast_ref::<Error>() {
        Some(Error::Connect { source, .. }) => source.kind() == ErrorKind::ConnectionRefused,
        _ => false,
    });
    match refused {
        true => {
            let server = program.replace("client", "server");
            let start =
                t!("no server is there: start it with `cargo run -p %{server}`", server = server);
            let and = if language::spoken() == Language::English { "; " } else { "；" };
            format!("{program}: {words}{and}{start}")
        }
        false => format!("{program}: {words}"),
    }
}
