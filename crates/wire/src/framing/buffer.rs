//! Puts together what is cut: one part of a stream, in memory that grows with what has arrived.

/// A part of a stream, as far as it has come.
#[derive(Debug)]
pub(crate) struct PartBuffer {
    /// What has come is `bytes[..got]`, unless the part was found whole elsewhere. What follows is
    /// room for more, and is kept from one part to the next.
    bytes: Vec<u8>,
    /// The number of the part's bytes that have come.
    pub(crate) got: usize,
    /// The number of bytes that the part has in all, or at most.
    pub(crate) wanted: usize,
}

impl PartBuffer {
    /// For a part of `wanted` bytes, of which none has come.
    pub(crate) fn new(wanted: usize) -> Self {
        Self { bytes: Vec::new(), got: 0, wanted }
    }

    /// Begins another part, of `wanted` bytes.
    #[inline]
    pub(crate) fn begin(&mut self, wanted: usize) {
        (self.got, self.wanted) = (0, wanted);
    }

    /// Whether all has come.
    #[inline]
    pub(crate) fn is_full(&self) -> bool {
        self.got == self.wanted
    }

    /// The number of bytes that are still to come.
    #[inline]
    pub(crate) fn missing(&self) -> usize {
        self.wanted - self.got
    }

    /// The bytes that have come.
    pub(crate) fn bytes(&self) -> &[u8] {
        self.start(self.got)
    }

    /// The first bytes of what has come, of this part or of the last one.
    pub(crate) fn start(&self, length: usize) -> &[u8] {
        self.bytes.get(..length).unwrap_or_default()
    }

    /// Moves at most `most` bytes of the input to this part, and says whether all has come.
    #[inline]
    pub(crate) fn take(&mut self, input: &mut &[u8], most: usize) -> bool {
        let (taken, rest) = input.split_at(input.len().min(most));
        *input = rest;
        let end = self.got + taken.len();
        if end > self.bytes.len() {
            self.grow(end);
        }
        if let Some(room) = self.bytes.get_mut(self.got..end) {
            copy(taken, room);
        }
        self.got = end;
        self.is_full()
    }

    /// Takes all that belongs to this part, keeps only the part's first `kept` bytes, and says
    /// whether all has come.
    pub(crate) fn take_start(&mut self, input: &mut &[u8], kept: usize) -> bool {
        let (taken, rest) = input.split_at(input.len().min(self.missing()));
        let (mut start, end) = (taken, self.got + taken.len());
        self.take(&mut start, kept.saturating_sub(self.got));
        *input = rest;
        self.got = end;
        self.is_full()
    }

    /// Makes room for `least` bytes, and for as many as the memory taken for that allows.
    #[cold]
    fn grow(&mut self, least: usize) {
        self.bytes.resize(least, 0);
        self.bytes.resize(self.bytes.capacity(), 0);
    }

    /// The memory taken, in bytes.
    #[cfg(test)]
    pub(crate) fn capacity(&self) -> usize {
        self.bytes.capacity()
    }
}

/// Copies `from` to `to`, which is as long. For a few bytes a call of `memcpy` takes longer than
/// the copying, so these are copied as the first four and the last four, which may overlap.
#[inline]
fn copy(from: &[u8], to: &mut [u8]) {
    let (4..=8, Some(first), Some(last)) = (from.len(), from.first_chunk::<4>(), from.last_chunk())
    else {
        return to.copy_from_slice(from);
    };
    if let Some(start) = to.first_chunk_mut() {
        *start = *first;
    }
    if let Some(end) = to.last_chunk_mut::<4>() {
        *end = *last;
    }
}
