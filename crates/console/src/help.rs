//! The help of a program, and what is wrong with a command line, in the reader's language.

use clap::builder::StyledStr;
use clap::{Arg, Command, Error};
use language::{Language, text};

/// What clap writes itself: its catalogue has these texts.
#[expect(dead_code, reason = "each is found by `line`, and named here for the catalogue's test")]
const OF_CLAP: [&str; 19] = [
    text!("error: unexpected argument '{}' found"),
    text!("error: invalid value '{}' for '{}'"),
    text!("error: invalid value '{}' for '{}': {}"),
    text!("error: a value is required for '{}' but none was supplied"),
    text!("error: unrecognized subcommand '{}'"),
    text!("error: the argument '{}' cannot be used with '{}'"),
    text!("error: the argument '{}' cannot be used multiple times"),
    text!("error: the following required arguments were not provided:"),
    text!("tip: a similar argument exists: '{}'"),
    text!("tip: a similar value exists: '{}'"),
    text!("tip: a similar subcommand exists: '{}'"),
    text!("tip: to pass '{}' as a value, use '{}'"),
    text!("For more information, try '--help'."),
    text!("Usage: {}"),
    text!("Options:"),
    text!("Arguments:"),
    text!("Commands:"),
    text!("Options of every server"),
    text!("Options of every client"),
];

/// What it writes within a line.
const WITHIN: [(&str, &str); 8] = [
    ("[default: ", "[默认："),
    ("[possible values: ", "[可选："),
    ("Possible values:", "可选："),
    ("Print help (see a summary with '-h')", "显示帮助（-h 只显示摘要）"),
    ("Print help (see more with '--help')", "显示帮助（--help 更详细）"),
    ("Print this message or the help of the given subcommand(s)", "显示这段说明，或某个命令的帮助"),
    ("Print help", "显示帮助"),
    ("Print version", "显示版本"),
];

/// The same command with its opening and the help of its options in the reader's language, where that has
/// a text for them.
pub(crate) fn translated(mut command: Command) -> Command {
    if language::spoken() == Language::English {
        return command;
    }
    let about = found(command.get_long_about()).or_else(|| found(command.get_about()));
    if let Some(about) = about {
        // What `-h` shows of it, as clap takes it from a comment.
        let summary = about.split("\n\n").next().unwrap_or_default().to_owned();
        command = command.about(summary).long_about(about);
    }
    command.mut_args(translated_option).mut_subcommands(translated)
}

fn translated_option(option: Arg) -> Arg {
    let help = found(option.get_long_help()).or_else(|| found(option.get_help()));
    let heading = option.get_help_heading().and_then(language::find);
    let option = match help {
        Some(help) => option.help(help.clone()).long_help(help),
        None => option,
    };
    match heading {
        Some(heading) => option.help_heading(heading),
        None => option,
    }
}

fn found(text: Option<&StyledStr>) -> Option<String> {
    language::find(&text?.to_string())
}

/// Prints the help, or what is wrong, where clap would.
pub(crate) fn print(error: &Error) -> std::io::Result<()> {
    if language::spoken() == Language::English {
        return error.print();
    }
    let lines = error.render().to_string().lines().map(line).collect::<Vec<_>>().join("\n");
    match error.use_stderr() {
        true => crate::say::warn(lines),
        false => crate::say::say(lines),
    }
    Ok(())
}

fn line(english: &str) -> String {
    let words = english.trim_start();
    let (margin, _) = english.split_at(english.len() - words.len());
    // A value of an option, with what it means.
    let item = words.strip_prefix("- ").and_then(|words| words.split_once(": "));
    let meaning = item.and_then(|(name, meaning)| Some((name, language::find(meaning.trim())?)));
    let heading = words.strip_suffix(':').filter(|heading| !heading.is_ascii());
    let said = match meaning {
        _ if heading.is_some_and(|heading| !heading.contains(' ')) => words.replace(':', "："),
        Some((name, meaning)) => format!("- {name}：{meaning}"),
        None => language::find(words).unwrap_or_else(|| words.to_owned()),
    };
    let said = WITHIN.iter().fold(said, |said, (from, to)| said.replace(from, to));
    format!("{margin}{said}")
}
