//! What every program does before its lesson begins, and around it: parse an address, bind safely,
//! say `listening on`, admit clients within limits, prompt, stop on Ctrl-C, and end with one line
//! that says what was tried and what to do next.
//!
//! ```text
//!   run ─▶ ServerArgs ─▶ Policy ──admit──▶ Connection (Read + Write, deadlines, trace) ─▶ converse
//!                        │  ▲              Log        (the line for each thing that happens)
//!                        ▼  │
//!                        Stop (Ctrl-C)
//! ```
//!
//! Lesson 01 spells out the sockets and uses a [`Policy`] by itself; from lesson 02 on,
//! [`Listener`] does that part too.

mod address;
mod args;
mod backoff;
mod connection;
pub mod crowd;
mod datagrams;
mod error;
mod failure;
mod lingering_close;
mod listener;
mod log;
mod opening;
mod policy;
mod printer;
mod prompt;
mod report;
mod stop;
mod traced;

pub use address::Address;
pub use args::{
    ClientArgs, DatagramArgs, DatagramFaults, Dialect, Limits, ServerArgs, duration, size,
};
pub use backoff::{Backoff, Retry};
pub use connection::{Clock, Connection};
pub use datagrams::{Datagram, Datagrams};
pub use error::{Error, Expired, Usage, is_broken, is_expired};
pub use failure::Failure;
pub use lingering_close::LingeringClose;
pub use listener::{AcceptError, Listener};
pub use log::Log;
pub use opening::Opening;
pub use policy::{Policy, raise_descriptor_limit};
pub use printer::Printer;
pub use prompt::{Lines, lines};
pub use report::{OTHER_WORDS, explain, run, say, say_text, warn};
pub use stop::Stop;
pub use traced::Traced;
