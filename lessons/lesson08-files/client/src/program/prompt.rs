//! The prompt: it takes the commands and options of the command line, a line for each.

use anyhow::{anyhow, bail};
use clap::Parser;
use clap::error::ErrorKind::DisplayHelp;
use console::{explain, warn};

use super::options::{Task, TransferOptions};
use super::tasks::Client;

/// What a line may say. A name with spaces goes in quotes.
#[derive(Debug, Parser)]
#[command(name = "", no_binary_name = true, after_help = "quit, or the end of the input, ends.")]
struct Line {
    #[command(subcommand)]
    task: Task,
    #[command(flatten)]
    options: TransferOptions,
}

/// Runs each line as a command. An error is printed, and does not end the prompt.
pub(crate) fn run(client: &mut Client, options: &TransferOptions) -> anyhow::Result<()> {
    client.connect()?;
    let mut failed = 0;
    for line in console::lines(">>: ")? {
        if let Err(error) = run_line(client, &line?, options) {
            warn(explain(error.as_ref()));
            failed += 1;
        }
    }
    if failed > 0 {
        bail!("commands that failed: {failed}");
    }
    Ok(())
}

fn run_line(client: &mut Client, line: &str, always: &TransferOptions) -> anyhow::Result<()> {
    let line = if line == "?" { "help" } else { line };
    let words = split(line).ok_or_else(|| anyhow!("a quote in the line is not closed"))?;
    match Line::try_parse_from(words) {
        Ok(Line { task, options }) => client.run(&task, &options.or(always)),
        Err(help) if help.kind() == DisplayHelp => Ok(help.print()?),
        Err(error) => Err(anyhow!("{}; `help` says the words", in_one_line(&error.to_string()))),
    }
}

/// The words of a line, as the system's own shell splits them: a backslash in a path is one on Windows.
fn split(line: &str) -> Option<Vec<String>> {
    #[cfg(windows)]
    return (line.matches('"').count() % 2 == 0).then(|| winsplit::split(line));
    #[cfg(not(windows))]
    return shlex::split(line);
}

/// The message of a clap error, without its advice about the command line.
fn in_one_line(error: &str) -> String {
    let lines = error.lines().map(str::trim).filter(|line| !line.is_empty());
    let is_about_a_shell = |line: &str| {
        ["Usage:", "For more information", "tip: to pass"].iter().any(|word| line.starts_with(word))
    };
    let lines: Vec<&str> = lines.take_while(|line| !is_about_a_shell(line)).collect();
    let words = lines.join(" ");
    words.strip_prefix("error: ").unwrap_or(&words).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Line, String> {
        let parsed = Line::try_parse_from(split(line).unwrap());
        parsed.map_err(|error| in_one_line(&error.to_string()))
    }

    #[test]
    fn a_line_has_the_words_and_options_of_the_command_line() {
        let line = parse("get \"a b.txt\" docs/c --into fetched --resume").unwrap();
        assert!(matches!(line.task, Task::Get { names, .. } if names == ["a b.txt", "docs/c"]));
        assert_eq!((line.options.into.as_deref(), line.options.resume), (Some("fetched"), true));
        assert!(matches!(parse("list").unwrap().task, Task::List { folder: None }));
    }

    #[test]
    fn a_path_is_written_as_the_system_writes_it() {
        let line = if cfg!(windows) { r"put C:\a\b.txt" } else { r"put /a/b\ c.txt" };
        let path = if cfg!(windows) { r"C:\a\b.txt" } else { "/a/b c.txt" };
        let put = parse(line).unwrap().task;
        assert!(
            matches!(&put, Task::Put { files, .. } if files[0].to_str() == Some(path)),
            "{put:?}"
        );
    }

    #[test]
    fn what_is_wrong_with_a_line_is_said_in_one() {
        for (line, words) in [
            ("fetch a", "unrecognized subcommand 'fetch'"),
            ("get", "<NAME>"),
            ("ls --x", "ls"),
            ("get --into", "'--into <DIR>'"),
            ("get a --x", "'--x'"),
            ("gett a", "a similar subcommand exists: 'get'"),
        ] {
            let error = parse(line).unwrap_err();
            assert!(
                !error.contains("tip: to pass") && !error.contains("--help"),
                "{line}: {error:?}"
            );
            assert!(error.contains(words) && error.lines().count() == 1, "{line}: {error:?}");
        }
    }

    #[test]
    fn options_of_a_line_are_added_to_those_that_always_hold() {
        let always = TransferOptions {
            resume: true,
            into: Some("a".to_owned()),
            ..TransferOptions::default()
        };
        let line = TransferOptions { force: true, ..TransferOptions::default() };
        let both = line.or(&always);
        assert_eq!((both.resume, both.force, both.into.as_deref()), (true, true, Some("a")));
    }
}
