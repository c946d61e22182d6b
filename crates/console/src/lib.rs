//! What a program is at a terminal: the options that all share, a prompt, a line for each thing that
//! happens, and a last word that says what was tried and what to do next.
//!
//! ```text
//!   run ─▶ ServerArgs ─▶ Listener and Policy (of `endpoint`), ServerLog ─▶ Log, for each client
//!      └─▶ ClientArgs ─▶ Connection (of `endpoint`), lines (what is typed), Printer (what comes)
//! ```
//!
//! The sockets themselves are in `endpoint`, which prints nothing and knows no option. What its errors
//! mean to somebody who types commands is said here: see [`explain`].

language::catalogue!();

mod args;
mod commands;
mod completion;
mod datagram_args;
pub mod experiment;
mod explain;
mod help;
mod line_queue;
mod log;
mod printer;
mod prompt;
mod run;
mod say;
mod values;

pub use args::{ClientArgs, Dialect, LimitArgs, ServerArgs};
pub use commands::obey_commands;
pub use completion::{Candidates, Offer};
pub use datagram_args::{DatagramArgs, DatagramFaults};
pub use explain::{WRONG_PEER_HINT, describe, explain};
pub use log::{Log, ServerLog};
pub use printer::Printer;
pub use prompt::{Lines, lines};
pub use run::{Usage, run};
pub use say::{say, say_at_once, say_detail, say_text, warn};
pub use values::{callable_address, duration, size};

/// From now on `language::find` has the Chinese of what the crates say that know no language, as `wire` does.
pub fn add_catalogue() {
    CATALOGUE.add();
}
