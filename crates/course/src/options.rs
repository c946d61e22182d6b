//! The options and the commands of the program.

use std::path::PathBuf;
use std::time::Duration;

use clap::error::ErrorKind;
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use language::{Language, command_line, text};
use rust_i18n::t;

use crate::CATALOGUE;
use crate::toolchain::Choice;

/// What `--help` says first.
const ABOUT: &str = text!(
    "Learn socket programming by writing it, stage by stage, in Python, in Rust, or in your own language.

    cargo run -p course -- start              lays out my-course, in Python
    cargo run -p course -- start --in rust    the same in Rust
    cargo run -p course -- watch              judges your program each time you save it
    cargo run -p course -- hint               gives a hint, and each time one more
    cargo run -p course                       says where you are and what is next

Your files are never overwritten. The exit status is 0 if all went well, 1 if a stage is not
passed, 2 if the options are wrong, and 3 if something could not be done."
);

/// Learn socket programming by writing it, stage by stage
#[derive(Debug, Parser)]
#[command(name = "course", version, long_about = ABOUT)]
pub struct Options {
    /// What to do; without it, where you are and what is next is said
    #[command(subcommand)]
    pub command: Option<Command>,
    /// The folder of your course [default: this one, one above it, or my-course]
    #[arg(long, value_name = "DIR", global = true)]
    pub dir: Option<PathBuf>,
    /// How long the judge waits for what is expected, where a program is right and slow
    #[arg(long, value_name = "TIME", default_value = "2s", value_parser = judge::patience, global = true)]
    pub patience: Duration,
    /// Speak this language: en or zh [default: that of SOCKET_LANG, else of the system]
    #[arg(long, value_name = "LANGUAGE", global = true)]
    pub lang: Option<Language>,
    // `watch` starts this program with it: the width of its terminal, in columns.
    #[arg(long, hide = true, global = true)]
    pub(crate) watched: Option<usize>,
}

/// What the course can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Lay out a new course: its first program, and where you are
    Start {
        /// The folder, which is made if it is not there [default: my-course]
        #[arg(value_name = "DIR")]
        folder: Option<PathBuf>,
        /// What you write in
        #[arg(long = "in", value_name = "LANGUAGE", value_enum, default_value = "python")]
        choice: Choice,
        /// With --in other: what starts a program from the course's folder, where {program} stands for the
        /// program's own; the port and what else it needs is written behind it
        #[arg(long, value_name = "COMMAND")]
        command: Option<String>,
    },
    /// Judge your program, again each time you save it
    Watch,
    /// Judge your program once
    Check,
    /// Give a hint, and each time one more
    Hint,
    /// Show how a solution differs from what you have written
    Solution,
    /// Go on without passing this stage
    Skip,
    /// Go back to a stage: your file is kept under another name, and its starter laid out
    Reset {
        /// The stage, as `status` names it
        stage: String,
    },
    /// Draw the road, and where you are
    Status,
}

impl Options {
    /// What stands on the command line. Ends the program if that is wrong, or asks for help.
    pub fn of_command_line() -> Options {
        CATALOGUE.add();
        let matches = command_line::translated(Options::command()).try_get_matches();
        let options = matches.and_then(|it| Options::from_arg_matches(&it));
        let options = options.and_then(|options| options.checked());
        options.unwrap_or_else(|error| command_line::exit(&error))
    }

    /// What is typed into `watch`: a command, as behind the program's name.
    ///
    /// # Errors
    /// When it is none.
    pub fn of_line(line: &str) -> Result<Options, clap::Error> {
        let words = std::iter::once("course").chain(line.split_whitespace());
        Options::try_parse_from(words)
    }

    /// What clap has no rule for.
    fn checked(self) -> Result<Options, clap::Error> {
        let wrong = match &self.command {
            Some(Command::Start { choice: Choice::Other, command: None, .. }) => {
                t!("what starts your programs? --command 'node {program}/main.js', for example")
            }
            Some(Command::Start {
                choice: Choice::Python | Choice::Rust,
                command: Some(_),
                ..
            }) => {
                t!("--command is for --in other: what starts Python and Rust is known")
            }
            Some(Command::Start { folder: Some(_), .. }) if self.dir.is_some() => {
                t!("the folder is named twice: behind `start`, or with --dir")
            }
            _ => return Ok(self),
        };
        let command = command_line::translated(Options::command());
        Err(command.clone().error(ErrorKind::ValueValidation, wrong))
    }
}
