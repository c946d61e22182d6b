//! Why nothing can be tried at all.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use crate::program::Ending;

/// Why a target cannot be tried.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Nobody listens at the address of `--connect`.
    #[error(
        "nobody listens at {address}; start your server first, or let the judge do it with \
             --server 'COMMAND {{port}}'"
    )]
    Unreachable {
        /// The address.
        address: SocketAddr,
    },
    /// The command is no program.
    #[error(
        "cannot start `{command}`: {why}; the first word is the program, and no shell \
             reads the line"
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
    #[error("the server ended with {} before it listened on the port that it was given; {}",
            ending.how, words(ending))]
    Ended {
        /// How it ended.
        ending: Ending,
    },
    /// The server runs, and does not listen.
    #[error("nothing listens on the port that the server was given, after {}; does it use the port \
             of its command line?", humantime::format_duration(*patience))]
    NeverListens {
        /// How long the judge waited.
        patience: Duration,
    },
    /// There is no folder for the program's files.
    #[error("cannot make a folder for the program's files: {0}")]
    Folder(io::Error),
    /// No port is free.
    #[error("cannot get a free port: {0}")]
    Port(io::Error),
}

fn words(ending: &Ending) -> String {
    match ending.last_words.as_slice() {
        [] => "it said nothing".to_owned(),
        words => format!("its last words: {}", words.join(" / ")),
    }
}
