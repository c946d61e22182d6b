//! What a conversation tells of itself.

/// An observer is told of every message, as soon as the message is whole.
///
/// A lesson's `converse` prints nothing itself: it tells an observer. A server's observer writes the
/// log line, a client's prints the answer, a test collects, and [`Recorder`](crate::Recorder) records.
pub trait Observer {
    /// A whole message came in: what is read next belongs to another one.
    fn received(&mut self, message: &[u8]);
    /// A message went out, all of it.
    fn sent(&mut self, message: &[u8]);
    /// A part of a long message has passed, in either direction: the time for the next part begins
    /// anew. An observer without deadlines leaves this out.
    fn advanced(&mut self) {}
}

/// An observer that does nothing.
impl Observer for () {
    fn received(&mut self, _: &[u8]) {}
    fn sent(&mut self, _: &[u8]) {}
}

/// An observer that collects what came in.
impl Observer for Vec<Vec<u8>> {
    fn received(&mut self, message: &[u8]) {
        self.push(message.to_vec());
    }
    fn sent(&mut self, _: &[u8]) {}
}
