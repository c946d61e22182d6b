//! Room for one, and the newest wins.
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
//! A file is the other way round: there, no byte may be lost, and the sender has to wait
//! (back-pressure). `cargo run -p lesson07-server --example newest_wins` has the numbers.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, TrySendError, bounded};

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
    /// Puts `item` in, never waits, and returns what had to go for it.
    ///
    /// # Errors
    /// [`Gone`] when the other end has been dropped.
    pub fn put(&self, mut item: T) -> Result<Option<T>, Gone> {
        if self.gone.load(Ordering::Acquire) {
            return Err(Gone);
        }
        let mut dropped = None;
        loop {
            match self.sender.try_send(item) {
                Ok(()) => return Ok(dropped),
                Err(TrySendError::Full(again) | TrySendError::Disconnected(again)) => item = again,
            }
            // Takes the old one out, unless the other end has just done so. Only this thread puts
            // anything in, so the second try finds room.
            dropped = self.receiver.try_recv().ok();
        }
    }
}

impl<T> Newest<T> {
    /// Waits for one, for at most `patience`.
    ///
    /// # Errors
    /// When none came in time, or none will come any more.
    pub fn take(&self, patience: Duration) -> Result<T, RecvTimeoutError> {
        self.receiver.recv_timeout(patience)
    }

    /// One after the other, until none will come any more.
    pub fn iter(&self) -> impl Iterator<Item = T> {
        self.receiver.iter()
    }
}

impl<T> Drop for Newest<T> {
    fn drop(&mut self) {
        self.gone.store(true, Ordering::Release);
    }
}
