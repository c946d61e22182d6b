//! What ends the wait of an event loop from another thread.

use std::io;
use std::sync::Arc;

/// Ends the wait of a relay, so that it asks now whether it is to stop, and whether its faults have changed. A
/// clone is the same one.
#[derive(Debug, Clone)]
pub struct Waker(pub(crate) Arc<mio::Waker>);

impl Waker {
    /// Has the relay ask now. Harmless when it has ended.
    ///
    /// # Errors
    /// What the system says; the relay then asks within a second all the same.
    pub fn wake(&self) -> io::Result<()> {
        self.0.wake()
    }
}
