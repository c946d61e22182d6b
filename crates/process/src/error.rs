//! Why a process did not do what was waited for.

use std::io;

/// Why a process did not do what was waited for.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The program cannot be started: there is none of this name, or it may not be executed.
    #[error("cannot start `{command}`: {source}")]
    Start {
        /// The command, as [`std::process::Command`] shows it.
        command: String,
        /// Why not.
        source: io::Error,
    },
    /// The process has closed both its streams without what was waited for: it has ended, or is about to.
    #[error("it ended without what was waited for")]
    Closed,
    /// The deadline came first.
    #[error("the deadline came before what was waited for")]
    Deadline,
    /// The system does not say how the process ended.
    #[error("cannot wait for its end: {0}")]
    Wait(io::Error),
    /// The signal cannot be sent.
    #[error("cannot send the signal: {0}")]
    Signal(io::Error),
}
