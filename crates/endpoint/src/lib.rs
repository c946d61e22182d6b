//! Sockets, and nothing of a terminal: addresses, safe binding, limits and deadlines for every peer,
//! and an order to stop that reaches whoever waits. Nothing is printed here; what there is to tell goes
//! to the [`Notify`] of a [`Policy`].
//!
//! ```text
//!   Address ─▶ Listener ──accept──▶ Connection (Read + Write, deadlines, trace) ─▶ converse
//!              │   ▲                  │
//!              ▼   │                  ▼
//!              Policy (Limits, Stop)  Progress (where messages end)
//! ```
//!
//! Lesson 01 spells out the sockets and uses a [`Policy`] by itself; from lesson 02 on,
//! [`Listener`] does that part too.

mod address;
mod backoff;
mod connection;
pub mod crowd;
mod datagrams;
mod descriptor_limit;
mod echo_guard;
mod error;
mod failure;
mod faulty_link;
mod limits;
mod lingering_close;
mod listener;
mod notice;
mod opening;
mod policy;
mod progress;
mod stop;
mod thread_memory;
mod timed_socket;
mod traced;
mod udp;

pub use address::{Address, is_loopback};
pub use backoff::{Backoff, Retry};
pub use connection::Connection;
pub use datagrams::{Datagram, Datagrams};
pub use descriptor_limit::raise_descriptor_limit;
pub use error::{Error, Expired, Role, as_io, chain, expired, is_broken, is_expired};
pub use failure::Failure;
pub use limits::Limits;
pub use lingering_close::LingeringClose;
pub use listener::{AcceptError, Listener};
pub use notice::{Notice, Notify};
pub use opening::{ForeignProtocol, Opening};
pub use policy::Policy;
pub use progress::Progress;
pub use stop::Stop;
pub use thread_memory::check_thread_memory;
pub use traced::Traced;
pub use udp::Route;
