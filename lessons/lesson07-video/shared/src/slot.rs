//! Room for one, and the newest wins.
//!
//! ```text
//!                 put(9)             ┌─────┐
//!   from the network ──────────────▶ │  9  │ ──────────────▶ to the screen
//!                                    └─────┘   recv
//!                        8 lay there ──┘ and was dropped
//! ```
//!
//! Between two stages that do not work at the same speed stands either a queue or a loss. A queue in
//! front of a slow reader is always full, and everything in it has waited as long as the reader needs
//! for all that lies before it: with a hundred frames at ten frames a second the picture is ten
//! seconds old, and stays so. A longer queue makes it older. Whoever looks at a camera wants to see
//! what is there now, so a frame that nobody has taken yet is worth nothing once there is a newer
//! one.
//!
//! A slot lies between each two stages of the film: camera, encoder and network at one end, and, as
//! drawn, network and screen at the other. A stage that is not bound to a clock, as with the client's
//! `--fps max`, may first wait a little until there is room: then less is captured and encoded in
//! vain.
//!
//! A file is the other way round: there, no byte may be lost, and the sender has to wait
//! (back-pressure). `cargo run -p lesson07-server --example newest_wins` has the numbers.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, bounded};

/// The end that puts in. When it is dropped, the other end may still take what lies there.
#[derive(Debug)]
pub struct SlotSender<T> {
    sender: Sender<T>,
    /// The way to what nobody has taken yet.
    receiver: Receiver<T>,
    is_receiver_gone: Arc<AtomicBool>,
}

/// The end that takes out.
#[derive(Debug)]
pub struct SlotReceiver<T> {
    receiver: Receiver<T>,
    is_gone: Arc<AtomicBool>,
}

/// The receiving end has been dropped: nobody will take anything any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("nobody takes anything from this slot any more")]
pub struct Disconnected;

/// The two ends of a slot.
pub fn slot<T>() -> (SlotSender<T>, SlotReceiver<T>) {
    let (sender, receiver) = bounded(1);
    let is_gone = Arc::new(AtomicBool::new(false));
    let is_receiver_gone = is_gone.clone();
    let other = receiver.clone();
    (SlotSender { sender, receiver: other, is_receiver_gone }, SlotReceiver { receiver, is_gone })
}

impl<T> SlotSender<T> {
    /// Puts `item` in, and returns the older item that was dropped for it: one that nobody has taken
    /// within `timeout`, which may be zero. If the other end is dropped meanwhile, the next call says
    /// so.
    ///
    /// # Errors
    /// [`Disconnected`] when the other end has been dropped.
    pub fn put(&self, mut item: T, mut timeout: Duration) -> Result<Option<T>, Disconnected> {
        let mut dropped = None;
        while !self.is_receiver_gone.load(Ordering::Acquire) {
            match self.sender.send_timeout(item, timeout) {
                Ok(()) => return Ok(dropped),
                Err(error) => item = error.into_inner(),
            }
            // Takes the old one out, unless the other end has just done so. Only this thread puts
            // anything in, so the next try finds room.
            dropped = self.receiver.try_recv().ok();
            timeout = Duration::ZERO;
        }
        Err(Disconnected)
    }
}

impl<T> SlotReceiver<T> {
    /// The channel out of which the items come. It is disconnected when the other end has been
    /// dropped and nothing is left.
    pub fn channel(&self) -> &Receiver<T> {
        &self.receiver
    }
}

impl<T> Drop for SlotReceiver<T> {
    fn drop(&mut self) {
        self.is_gone.store(true, Ordering::Release);
    }
}
