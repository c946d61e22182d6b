//! Room for one, and the newest wins. This file is the same at both ends.
//!
//! ```text
//!                 put(9)             ┌─────┐
//!   from the network ──────────────▶ │  9  │ ──────────────▶ to the screen
//!                                    └─────┘   recv
//!                        8 lay there ──┘ and was dropped
//! ```
//!
//! Between two that do not work at the same speed stands either a queue or a loss. A queue in front
//! of a slow reader is always full, and everything in it has waited as long as the reader needs for
//! all that lies before it: with a hundred frames at ten frames a second the picture is ten seconds
//! old, and stays so. A longer queue makes it older. Who looks at a camera wants to see what is
//! there now, so a frame that nobody has taken yet is worth nothing once there is a newer one.
//!
//! So it is between each two stages of the film: camera, encoder and network at one end, and, as
//! drawn, network and screen at the other. Who is not bound to a clock, as the client's `--fps max`,
//! may first wait a little until there is room: then less is captured and encoded in vain.
//!
//! A file is the other way round: there, no byte may be lost, and the sender has to wait
//! (back-pressure). `cargo run -p lesson07-server --example newest_wins` has the numbers.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, bounded};

/// The end that puts in. When it is dropped, the other end may still take what lies there.
#[derive(Debug)]
pub struct Slot<T> {
    sender: Sender<T>,
    /// The way to what nobody has taken yet.
    receiver: Receiver<T>,
    gone: Arc<AtomicBool>,
}

/// The end that takes out.
#[derive(Debug)]
pub struct Newest<T> {
    receiver: Receiver<T>,
    gone: Arc<AtomicBool>,
}

/// Nobody will take anything any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("nobody takes anything from this slot any more")]
pub struct Gone;

/// The two ends of a slot.
pub fn slot<T>() -> (Slot<T>, Newest<T>) {
    let (sender, receiver) = bounded(1);
    let gone = Arc::new(AtomicBool::new(false));
    (Slot { sender, receiver: receiver.clone(), gone: gone.clone() }, Newest { receiver, gone })
}

impl<T> Slot<T> {
    /// Puts `item` in, and returns what had to go for it: what nobody has taken within `patience`,
    /// which may be zero. That the other end has been dropped meanwhile is noticed afterwards.
    ///
    /// # Errors
    /// [`Gone`] when the other end has been dropped.
    pub fn put(&self, mut item: T, mut patience: Duration) -> Result<Option<T>, Gone> {
        let mut dropped = None;
        while !self.gone.load(Ordering::Acquire) {
            match self.sender.send_timeout(item, patience) {
                Ok(()) => return Ok(dropped),
                Err(error) => item = error.into_inner(),
            }
            // Takes the old one out, unless the other end has just done so. Only this thread puts
            // anything in, so the next try finds room.
            dropped = self.receiver.try_recv().ok();
            patience = Duration::ZERO;
        }
        Err(Gone)
    }
}

impl<T> Newest<T> {
    /// Where the things come out. Disconnected when the other end has been dropped and nothing is
    /// left.
    pub fn receiver(&self) -> &Receiver<T> {
        &self.receiver
    }
}

impl<T> Drop for Newest<T> {
    fn drop(&mut self) {
        self.gone.store(true, Ordering::Release);
    }
}
