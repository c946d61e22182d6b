//! How far the exchange on a connection has come.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use trace::Observer;

/// Whether a message is coming in on a connection, its answer being made, or going out. A clone is
/// about the same connection.
///
/// The connection itself sees when a message begins. Where it ends only the lesson knows, and tells
/// this as its [`Observer`], alone or by way of one that also prints. From that follow the deadline
/// that holds for the next wait, and whether the connection may be closed on Ctrl-C.
#[derive(Debug, Clone, Default)]
pub struct Progress(Arc<Flags>);

#[derive(Debug, Default)]
struct Flags {
    receiving: AtomicBool,
    answering: AtomicBool,
    sending: AtomicBool,
    /// A part of the message has passed, and the deadline for reads has not been moved since.
    renew_read: AtomicBool,
    /// The same for writes.
    renew_write: AtomicBool,
}

impl Observer for Progress {
    fn received(&mut self, _: &[u8]) {
        self.0.answering.store(true, Ordering::SeqCst);
        self.end_message();
    }

    fn sent(&mut self, _: &[u8]) {
        self.0.answering.store(false, Ordering::SeqCst);
        self.end_message();
    }

    fn advanced(&mut self) {
        self.0.renew_read.store(true, Ordering::SeqCst);
        self.0.renew_write.store(true, Ordering::SeqCst);
    }
}

impl Progress {
    /// Whether nothing is under way, so that the connection may be closed.
    pub(crate) fn is_idle(&self) -> bool {
        self.is_between_messages() && !self.0.answering.load(Ordering::SeqCst)
    }

    /// Whether no message is on its way in either direction.
    pub(crate) fn is_between_messages(&self) -> bool {
        !self.is_receiving() && !self.0.sending.load(Ordering::SeqCst)
    }

    /// A new message is waited for, so there is no answer to the last one, or no more of it.
    pub(crate) fn begin_waiting(&self) {
        self.0.answering.store(false, Ordering::SeqCst);
    }

    pub(crate) fn is_receiving(&self) -> bool {
        self.0.receiving.load(Ordering::SeqCst)
    }

    /// Bytes have come; true if they are the first of a message.
    pub(crate) fn begin_receiving(&self) -> bool {
        !self.0.receiving.swap(true, Ordering::SeqCst)
    }

    /// Bytes are about to go out; true if they are the first of a message.
    pub(crate) fn begin_sending(&self) -> bool {
        !self.0.sending.swap(true, Ordering::SeqCst)
    }

    /// Whether a part of a message has passed since the last call, so that the next one has a
    /// deadline of its own.
    pub(crate) fn take_renewed_read(&self) -> bool {
        self.0.renew_read.swap(false, Ordering::SeqCst)
    }

    /// The same for writes.
    pub(crate) fn take_renewed_write(&self) -> bool {
        self.0.renew_write.swap(false, Ordering::SeqCst)
    }

    fn end_message(&self) {
        self.0.receiving.store(false, Ordering::SeqCst);
        self.0.sending.store(false, Ordering::SeqCst);
    }
}
