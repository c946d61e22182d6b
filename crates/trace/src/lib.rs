//! The one recorder of the project: what a program asked of its socket, what it got, and what the
//! kernel held at that moment.
//!
//! ```text
//!   program ── read, write ──▶ Tap ── read, write ──▶ socket
//!                              │ │
//!                 asks its Gate│ │asks for the kernel's queues (sock_diag)
//!                              ▼ ▼
//!                            Recorder ──▶ --trace, compare, HTML: all drawn from its events
//! ```
//!
//! - [`Tap`] wraps any `Read + Write` and records each call.
//! - [`Gate`] is asked before each call and may make it wait: so an order of events can be forced.
//! - [`Kernel`] is what both ends of a connection had in their queues, as Linux tells anyone.
//! - [`Recorder`] keeps the events, or hands each one on as it happens.
//! - [`Observer`] is what a lesson's `converse` tells of the messages it made out of the bytes.
//! - [`text`], [`hex`], [`frames`] and [`framed`] are how bytes are shown: quoted, in hexadecimal, as
//!   this project's frames, and as messages of any other framing.

mod event;
pub mod framed;
pub mod frames;
pub mod hex;
mod kernel;
mod observer;
mod recorder;
mod tap;
pub mod text;

pub use event::{Action, Call, Event, Lane};
pub use kernel::{Kernel, KernelView};
pub use observer::Observer;
pub use recorder::{Messages, Recorder};
pub use tap::{Gate, Tap};
