//! What a conversation tells of itself.

/// Told of every whole message, as soon as it is whole.
///
/// A lesson's `converse` prints nothing itself: it tells an observer. A server's observer writes the
/// log line, a client's prints the answer, a test collects, and [`Recorder`](crate::Recorder) records.
pub trait Observer {
    /// A message came in. It is whole: what is read next belongs to another one.
    fn received(&mut self, message: &[u8]);
    /// A message went out, all of it.
    fn sent(&mut self, message: &[u8]);
    /// A part of a long message has passed, in either direction: the time for the next part begins
    /// anew. Who keeps no time may leave this out.
    fn advanced(&mut self) {}
}

/// Hears and forgets.
impl Observer for () {
    fn received(&mut self, _: &[u8]) {}
    fn sent(&mut self, _: &[u8]) {}
}

/// Collects what came in.
impl Observer for Vec<Vec<u8>> {
    fn received(&mut self, message: &[u8]) {
        self.push(message.to_vec());
    }
    fn sent(&mut self, _: &[u8]) {}
}
