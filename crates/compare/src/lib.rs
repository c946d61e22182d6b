//! Broken and fixed framing, side by side, over real sockets.
//!
//! ```text
//!   scenario ──▶ play ───────────────▶ Comparison ──▶ terminal, JSON, HTML
//!   (what is     (lesson 02 and 03     (events,
//!    sent, how    over a Tap each,      messages,
//!    it is read)  order forced by a     verdicts)
//!                 Sequencer)
//! ```
//!
//! The code under comparison is the lessons' own: `lesson02-server` and `lesson02-client` on the left,
//! `lesson03-server` and `lesson03-client` on the right. `play/code.rs` shows it.

language::catalogue!();

pub mod bench;
pub mod comparison;
pub mod html;
mod loopback;
pub mod pictures;
mod play;
mod report;
pub mod scenario;
mod sequencer;
pub mod svg;
pub mod sweep;
pub mod terminal;
mod timeline;
mod visible;
pub mod words;

pub use comparison::{Comparison, Side};
pub use play::{PlayError, play};
pub use report::RunReport;
pub use scenario::{Exchange, Scenario};
pub use sequencer::{MAX_PLAY_TIME, Stepper};
