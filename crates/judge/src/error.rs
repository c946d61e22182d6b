//! Why nothing can be tried at all.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use rust_i18n::t;

use crate::program::Ending;

/// Why a target cannot be tried.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Nobody listens at the address of `--connect`.
    #[error(
        "{}",
        t!(
            "nobody listens at %{address}; start your server first, or let the judge do it with \
             --server 'COMMAND {port}'",
            address = address
        )
    )]
    Unreachable {
        /// The address.
        address: SocketAddr,
    },
    /// The command is no program.
    #[error(
        "{}",
        t!(
            "cannot start `%{command}`: %{why}; the first word is the program, and no shell reads \
             the line",
            command = command,
            why = why
        )
    )]
    Start {
        /// The command, with host and port filled in.
        command: String,
        /// Why not.
        why: io::Error,
    },
    /// The client cannot be started, for this reason.
    #[error("{why}")]
    Absent {
        /// Why not.
        why: String,
    },
    /// The server ended before it listened.
    #[error(
        "{}",
        t!(
            "the server ended with %{how} before it listened on the port that it was given; \
             %{words}",
            how = ending.how,
            words = words(ending)
        )
    )]
    Ended {
        /// How it ended.
        ending: Ending,
    },
    /// The server runs, and does not listen.
    #[error(
        "{}",
        t!(
            "nothing listens on the port that the server was given, after %{patience}; does it \
             use the port of its command line?",
            patience = humantime::format_duration(*patience)
        )
    )]
    NeverListens {
        /// How long the judge waited.
        patience: Duration,
    },
    /// There is no folder for the program's files.
    #[error("{}", t!("cannot make a folder for the program's files: %{why}", why = .0))]
    Folder(io::Error),
    /// No port is free.
    #[error("{}", t!("cannot get a free port: %{why}", why = .0))]
    Port(io::Error),
}

fn words(ending: &Ending) -> String {
    match ending.last_words.as_slice() {
        [] => t!("it said nothing").into_owned(),
        words => t!("its last words: %{words}", words = words.join(" / ")).into_owned(),
    }
}
