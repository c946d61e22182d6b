//! The lab's server: one page, and one POST that plays.
//!
//! ```text
//!   browser ── GET / ─────▶ guard ──▶ page     the page, with everything in it
//!           ── POST /play ▶ guard ──▶ plays ──▶ compare, over this machine's sockets
//! ```
//!
//! The guard lets nobody in but the page itself: see `guard.rs`.

mod answer;
mod guard;
mod guided;
mod page;
mod plays;
pub mod program;
mod server;

pub use guard::Lab;
pub use server::serve;

language::catalogue!();
