//! The prompt: it takes the commands and options of the command line, a line for each.

use std::cell::RefCell;
use std::env::home_dir;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use anyhow::{anyhow, bail};
use clap::Parser;
use clap::error::ErrorKind::DisplayHelp;
use console::{explain, warn};

use super::completion::offer;
use super::options::{Task, TransferOptions};
use super::tasks::Client;

const AFTER_HELP: &str = "\
A name with spaces goes in quotes; ~ is your home folder, in front of a file or folder of this machine.
quit, or the end of the input, ends. At a terminal so do exit and Ctrl-D; there Tab completes words and
names, Ctrl-C drops what is typed, and Up is the line before.";

/// What a line may say. A name with spaces goes in quotes.
#[derive(Debug, Parser)]
#[command(name = "", no_binary_name = true, after_help = AFTER_HELP)]
struct Line {
    #[command(subcommand)]
    task: Task,
    #[command(flatten)]
    options: TransferOptions,
}

/// Runs each line as a command. An error is printed, and does not end the prompt.
pub(crate) fn run(mut client: Client, options: &TransferOptions) -> anyhow::Result<()> {
    client.connect()?;
    // At Tab the server is asked for its names: while a line is typed, and never while one is run.
    let client = Rc::new(RefCell::new(client));
    let server = client.clone();
    let names = move |folder: &str| server.borrow_mut().names(folder);
    let lines = console::lines(">>: ", language::text!("list, get NAME or put FILE"))?;
    let mut failed = 0;
    for line in lines.with_words(Box::new(move |before, word| offer(before, word, &names))) {
        let line = line?;
        if let Err(error) = run_line(&mut client.borrow_mut(), &line, options) {
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
        Ok(Line { task, options }) => {
            let (task, options) = at_home(task, options);
            client.run(&task, &options.or(always))
        }
        Err(help) if help.kind() == DisplayHelp => Ok(help.print()?),
        Err(error) => Err(anyhow!("{}; `help` says the words", in_one_line(&error.to_string()))),
    }
}

/// Puts the home folder where `~` stands for it, as a shell does: in front of what is of this machine.
fn at_home(task: Task, mut options: TransferOptions) -> (Task, TransferOptions) {
    let task = match task {
        Task::Put { files, as_name } => {
            let files = files.iter().map(|file| expand(file, home_dir().as_deref())).collect();
            Task::Put { files, as_name }
        }
        Task::Get { .. } => {
            let expand = |folder: String| match expand(Path::new(&folder), home_dir().as_deref()) {
                expanded if expanded == Path::new(&folder) => folder,
                expanded => expanded.display().to_string(),
            };
            options.into = options.into.map(expand);
            task
        }
        Task::List { .. } => task,
    };
    (task, options)
}

/// `~/a` as a path; what does not begin with `~` as a whole part stays as it is.
fn expand(path: &Path, home: Option<&Path>) -> PathBuf {
    match (path.strip_prefix("~"), home) {
        (Ok(rest), Some(home)) => home.join(rest),
        _ => path.to_owned(),
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
        for list in ["list", "ls"] {
            assert!(matches!(parse(list).unwrap().task, Task::List { folder: None }));
        }
    }

    #[test]
    fn a_tilde_is_the_home_folder_where_it_is_a_whole_part_in_front() {
        let home = Some(Path::new("/home/me"));
        for (typed, path) in [
            ("~", "/home/me"),
            ("~/a b", "/home/me/a b"),
            ("~a", "~a"),
            ("a/~", "a/~"),
            ("./~", "./~"),
        ] {
            assert_eq!(expand(Path::new(typed), home), Path::new(path));
        }
        assert_eq!(expand(Path::new("~/a"), None), Path::new("~/a"));
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
            ("dir --x", "unrecognized subcommand 'dir'"),
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
