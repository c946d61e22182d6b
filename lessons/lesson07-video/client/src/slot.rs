//! Room for one, and the newest wins: between the stages of a film, as at the other end of the
//! link.
//!
//! A queue between a fast giver and a slow taker is always full, and whatever is taken out of it
//! has waited for all that lay before it: the picture is seconds old, and stays so. Of a camera
//! nobody wants to see what was, but what is. So who comes with a newer frame takes the older one
//! out, and counts it.
//!
//! Who is not bound to a clock, as `--fps max`, may first wait a little until there is room: then
//! less is captured and encoded in vain.

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
    /// Puts `item` in, after at most `patience`, and returns what had to go for it. That the other
    /// end has been dropped meanwhile is noticed afterwards.
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
