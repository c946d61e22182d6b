//! The help of a program, and what is wrong with its command line, in the reader's language.
//!
//! In English that is clap's own work. In another language the program's own texts are found in its catalogue,
//! which it has added to what [`find`] knows, and clap's in the catalogue of this crate.

use std::env;
use std::io::{self, IsTerminal as _, Write as _};
use std::sync::Once;

use clap::builder::StyledStr;
use clap::{Arg, Command, Error};
use unicode_width::UnicodeWidthStr;

use crate::{CATALOGUE, Language, find, spoken, text};

/// What clap writes itself: [`line`] finds each of them.
#[expect(dead_code, reason = "each is found by `line`, and named here for the catalogue's test")]
const OF_CLAP: [&str; 18] = [
    text!("error: {}"),
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
];

/// Where fewer columns are left, a line is not broken: that would be harder to read.
const NARROWEST: usize = 20;

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

/// The same command with its opening, and the help of its options and commands, in the reader's language,
/// where that has a text for them.
pub fn translated(mut command: Command) -> Command {
    if spoken() == Language::English {
        return command;
    }
    static KNOWN: Once = Once::new();
    KNOWN.call_once(|| CATALOGUE.add());
    let about = found(command.get_long_about()).or_else(|| found(command.get_about()));
    if let Some(about) = about {
        // What `-h` shows of it, as clap takes it from a comment.
        let summary = about.split("\n\n").next().unwrap_or_default().to_owned();
        command = command.about(summary).long_about(about);
    }
    // clap breaks lines at blanks only, and Chinese has none: `rendered` does that.
    command.term_width(0).mut_args(translated_option).mut_subcommands(translated)
}

fn translated_option(option: Arg) -> Arg {
    let help = found(option.get_long_help()).or_else(|| found(option.get_help()));
    let heading = option.get_help_heading().and_then(find);
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
    find(&text?.to_string())
}

/// What clap has to say, help or an error, in the reader's language; nothing in English, which clap prints best
/// itself, in colours.
pub fn rendered(error: &Error) -> Option<String> {
    let width = width(error.use_stderr());
    let text = || error.render().to_string();
    let lines = || {
        let lines = text().lines().flat_map(|it| filled(&line(it), width)).collect::<Vec<_>>();
        lines.join("\n")
    };
    (spoken() != Language::English).then(lines)
}

/// How many columns there are to print in: those of the terminal; else what `COLUMNS` says, else clap's 100.
fn width(is_error: bool) -> usize {
    let is_terminal =
        if is_error { io::stderr().is_terminal() } else { io::stdout().is_terminal() };
    let columns = || env::var("COLUMNS").ok()?.parse().ok();
    if is_terminal { textwrap::termwidth() } else { columns().unwrap_or(100) }
}

/// A line of the help in lines that fit; what goes on stands below what it belongs to.
fn filled(line: &str, width: usize) -> Vec<String> {
    let words = line.trim_start();
    let margin = line.len() - words.len();
    // Behind the name of an option or a command, two blanks or more; or behind the mark of an item.
    let column = match words.split_once("  ") {
        Some((_, help)) => line.width() - help.trim_start().width(),
        None if words.starts_with("- ") => margin + 2,
        None => margin,
    };
    if line.width() <= width || width < column + NARROWEST {
        return vec![line.trim_end().to_owned()];
    }
    let at = line.char_indices().map(|(at, _)| at).find(|&at| line[..at].width() >= column);
    let (head, text) = line.split_at(at.unwrap_or(margin));
    let rest = " ".repeat(column);
    let lines = crate::wrap(text, width - column);
    let begin = |number| if number == 0 { head } else { rest.as_str() };
    lines.iter().enumerate().map(|(number, it)| format!("{}{it}", begin(number))).collect()
}

/// Prints what clap has to say, in the reader's language, and ends the program with clap's status: 0 for help,
/// 2 for an error.
pub fn exit(error: &Error) -> ! {
    let Some(text) = rendered(error) else { error.exit() };
    // It is no error if nobody reads it.
    _ = match error.use_stderr() {
        true => writeln!(io::stderr(), "{text}"),
        false => writeln!(io::stdout(), "{text}"),
    };
    std::process::exit(error.exit_code())
}

fn line(english: &str) -> String {
    let words = english.trim_start();
    let (margin, _) = english.split_at(english.len() - words.len());
    // A value of an option, with what it means.
    let item = words.strip_prefix("- ").and_then(|words| words.split_once(": "));
    let meaning = item.and_then(|(name, meaning)| Some((name, find(meaning.trim())?)));
    let heading = words.strip_suffix(':').filter(|heading| !heading.is_ascii());
    let said = match meaning {
        _ if heading.is_some_and(|heading| !heading.contains(' ')) => words.replace(':', "："),
        Some((name, meaning)) => format!("- {name}：{meaning}"),
        None => find(words).unwrap_or_else(|| words.to_owned()),
    };
    let said = WITHIN.iter().fold(said, |said, (from, to)| said.replace(from, to));
    format!("{margin}{said}")
}

#[cfg(test)]
mod tests {
    use super::filled;

    #[test]
    fn a_long_line_goes_on_below_its_text_and_a_short_one_stays() {
        let option =
            "      --listen <ADDR>  只能是回环地址，不对其他机器开放 [默认：127.0.0.1:8017]";
        let shown = filled(option, 50);
        assert_eq!(shown.concat().replace(' ', ""), option.replace(' ', ""));
        let indent = |it: &String| it.len() - it.trim_start().len();
        assert_eq!(shown.iter().map(indent).collect::<Vec<_>>()[1..], vec![23; shown.len() - 1]);
        assert_eq!(
            filled("          - rust：由 cargo 构建，慢一些", 34)[1].find(|it| it != ' '),
            Some(12)
        );
        for line in ["用法：judge [OPTIONS]", "", "  -h, --help  显示帮助"] {
            assert_eq!(filled(line, 50), [line]);
        }
    }
}
