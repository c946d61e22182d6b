//! Tries a server or a client, in any language, with the deliveries that break programs, and says
//! what went wrong and why.
//!
//! ```text
//! cargo run -p judge -- lesson03 --server 'python3 my_server.py {port}'
//! cargo run -p judge -- lesson03 --client 'python3 my_client.py {host} {port}'
//! cargo run -p judge -- list
//! ```
//!
//! The README beside this crate tells how to use it; here is how it is made.
//!
//! A [`Probe`] is a requirement with an id, and a function that finds out whether it holds. The
//! function is given the [`Server`] or the [`Client`] under test, and talks to it over a [`ProbeStream`]:
//! one connection, on which each step is recorded and each wait has an end. What does not hold is a
//! [`Failure`], which gets a [`Hint`]: what is probably wrong in the program.
//!
//! ```text
//! options ─▶ Setting ─▶ Speech      what is asked, what is answered, and how both travel (Carrier)
//!                         │
//! probes/TOPIC.rs ────────┤         each behaviour once: cuts, joins, sizes, ends, crowds, …
//!                         ▼
//! lessons/lessonNN.rs, any.rs       a table: topics, and what is a lesson's alone
//!                         │
//!                         ▼
//! run, for each probe: Server, Client ─▶ ProbeStream ─▶ Record
//!                         │
//!                         ▼
//! LessonReport ─▶ text, or JSON     and, if the first exchange failed, what the program speaks: discover
//! ```
//!
//! Where datagrams travel, [`Datagrams`] stands in the place of a stream. For a proxy the judge plays
//! both ends, the client and the upstream.
//!
//! The probes know protocols from [`wire`] and from the command line, and never from a lesson's code: so
//! they judge our own programs as they judge yours.

language::catalogue!();

mod carrier;
mod client;
mod datagrams;
mod discover;
mod error;
mod failure;
mod folder;
mod jpeg;
mod lessons;
mod line_ends;
mod messages;
mod misframed;
mod mojibake;
mod options;
mod order;
mod port;
mod probe;
mod probes;
mod program;
mod proxy;
mod record;
mod report;
mod run;
mod said_by_wire;
mod server;
mod setting;
pub mod show;
mod speech;
mod stream;
pub mod text;
mod upstream;

pub use client::{AcceptedClient, Client, OpenListener};
pub use datagrams::{Datagrams, LARGEST};
pub use error::Error;
pub use failure::{Failure, FailureKind, Hint, Outcome};
pub use folder::{Files, Folder};
pub use lessons::lessons;
pub use options::{Args, Plan, PlanError, patience, split};
pub use port::{Transport, may_listen};
pub use probe::{Lesson, Probe, Run, Side};
pub use program::{Ending, end_on_ctrl_c};
pub use record::{Record, Step};
pub use report::{Failed, Finding, LessonReport, Stopped, VERSION, Verdict};
pub use run::{Target, chosen, run};
pub use server::Server;
pub use setting::{Dialect, Header, Promise, Service, Setting};
pub use stream::ProbeStream;
