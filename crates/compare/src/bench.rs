//! The bench: messages, framing, read sizes and delivery as somebody wishes, played as the scenarios are.
//!
//! ```text
//!   Settings ──▶ Plan ──────────────▶ play ────────────▶ Played ──▶ terminal, JSON, the lab's page
//!   (as written)  (checked; a stream   (real sockets;     (events,
//!                  and its pieces)      Turns forces       messages,
//!                                       the order)         verdicts)
//! ```
//!
//! `none` and `<i` are played by lessons 02 and 03, every other framing by `wire`.

mod datagrams;
mod draw;
mod options;
mod plan;
mod played;
mod readers;
mod settings;
mod stream;
mod turns;

pub use draw::draw;
pub use options::BenchOptions;
pub use plan::{Plan, SettingsError};
pub use played::{Played, PlayedSide, Run};
pub use settings::{
    Delivery, MAX_BYTES, MAX_MESSAGES, Message, ReaderTime, Settings, Transport, Which,
};

use std::io;

use rust_i18n::t;

use crate::sequencer::Pace;

/// A play has failed: a socket of this machine's loopback did.
#[derive(Debug, thiserror::Error)]
#[error("{}", t!("cannot play this over this machine's loopback"))]
pub struct BenchError(#[from] io::Error);

/// Plays what was planned, the broken side first.
///
/// # Errors
/// When this machine has no loopback to play on, or a play takes longer than [`MAX_PLAY_TIME`](crate::MAX_PLAY_TIME).
pub fn play(plan: &Plan) -> Result<Played, BenchError> {
    let pace = Pace::of(None);
    let sides = plan.sides().iter().map(|&which| match plan.settings().transport {
        Transport::Tcp => stream::play(plan, which, &pace),
        Transport::Udp => datagrams::play(plan, which, &pace),
    });
    let sides = sides.collect::<io::Result<_>>()?;
    Ok(Played { settings: plan.settings().clone(), command: plan.settings().command(), sides })
}
