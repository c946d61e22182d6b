//! The harness of the end-to-end tests: it starts the lessons' programs, and the Python peers under
//! `tests/peers`, as separate processes on free ports, and knows what each of them has printed.
//!
//! A test waits for a line that a program prints, never for a time to pass. [`DEADLINE`] is only
//! when it gives up. A test that fails prints the command line and the whole output of every program
//! that it had started.
//!
//! ```text
//! Server::lesson, Server::peer ─▶ Server { address, program } ─ stop ─▶ Finished
//! Program::client, Program::peer_client ─────▶ Program ──────── finish ─▶ Finished
//! socket::connect, socket::listen: the test itself as a client, or as a server
//! ```
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a harness that panics fails the test with what it could not do"
)]

#[cfg(unix)]
pub mod benchmark;
mod binaries;
pub mod manifest;
mod program;
mod server;
pub mod socket;

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

pub use binaries::{binary, cargo, has_opencv, peer, python, skips_under_wine};
#[cfg(unix)]
pub use process::Signal;
pub use program::{Finished, Program};
pub use server::Server;

/// How long a test waits for something before it fails: long enough for a machine that is busy with
/// something else, and never waited for otherwise.
pub const DEADLINE: Duration = Duration::from_secs(30);

/// Whether the long runs are asked for: `scripts/test --full` sets `FULL_TESTS=1`. A test that takes
/// long does a smaller share of the same work without it.
pub fn is_full() -> bool {
    std::env::var_os("FULL_TESTS").is_some_and(|value| value == "1")
}

/// Has a program speak English, whatever the system's language is: that is what the tests expect.
pub fn in_english(command: &mut Command) -> &mut Command {
    command.env("SOCKET_LANG", "en").env_remove("COLUMNS")
}

/// The root of the repository.
pub fn root() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// The input of a client at whose prompt these lines are typed.
pub fn typed(lines: &[&str]) -> String {
    lines.iter().map(|line| format!("{line}\n")).collect()
}
