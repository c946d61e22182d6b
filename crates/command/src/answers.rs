//! The memory of the answers that a server has not sent yet, which all its clients share.

use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How many bytes the answers of a server may have together while they are made, and wait to be sent.
#[derive(Debug, Clone)]
pub(crate) struct AnswerMemory(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    /// In bytes.
    limit: usize,
    /// In bytes.
    used: AtomicUsize,
}

/// A part of that memory, which is given back when this is dropped.
#[derive(Debug)]
pub(crate) struct Reserved {
    memory: AnswerMemory,
    bytes: usize,
}

/// The answer to a request, as [`Runner::answer`](crate::Runner::answer) makes it. As long as it is kept, its
/// bytes count among those that the server's answers may have together.
#[derive(Debug)]
pub struct Answer {
    bytes: Vec<u8>,
    _reserved: Option<Reserved>,
}

impl AnswerMemory {
    pub(crate) fn new(limit: usize) -> AnswerMemory {
        AnswerMemory(Arc::new(Shared { limit, used: AtomicUsize::new(0) }))
    }

    /// In bytes.
    pub(crate) fn limit(&self) -> usize {
        self.0.limit
    }

    /// Reserves nothing yet.
    pub(crate) fn begin(&self) -> Reserved {
        Reserved { memory: self.clone(), bytes: 0 }
    }
}

impl Reserved {
    /// Has room for so many bytes in all from now on, more or fewer than before; false if there is none, and
    /// then it stays as it was.
    pub(crate) fn resize(&mut self, bytes: usize) -> bool {
        let Shared { limit, used } = &*self.memory.0;
        let more = |used: usize| {
            let used = used.saturating_sub(self.bytes).saturating_add(bytes);
            (used <= *limit || bytes <= self.bytes).then_some(used)
        };
        let has_room = used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).is_ok();
        if has_room {
            self.bytes = bytes;
        }
        has_room
    }

    /// In bytes.
    pub(crate) fn limit(&self) -> usize {
        self.memory.limit()
    }
}

impl Drop for Reserved {
    fn drop(&mut self) {
        self.resize(0);
    }
}

impl Answer {
    pub(crate) fn new(bytes: Vec<u8>, reserved: Reserved) -> Answer {
        Answer { bytes, _reserved: Some(reserved) }
    }

    /// The answer alone; its bytes count no longer.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

/// An answer that no command has made, and that does not count.
impl From<Vec<u8>> for Answer {
    fn from(bytes: Vec<u8>) -> Answer {
        Answer { bytes, _reserved: None }
    }
}

impl Deref for Answer {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}
