//! The fuzzer's bytes, read as a row of choices.

/// What is left of the fuzzer's bytes. When nothing is left, each choice is the first one.
#[derive(Debug, Clone)]
pub(crate) struct Choices<'a>(pub(crate) &'a [u8]);

impl<'a> Choices<'a> {
    /// The next byte; 0 when there is none.
    pub(crate) fn byte(&mut self) -> u8 {
        let Some((byte, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *byte
    }

    /// One of so many possibilities, from 0.
    pub(crate) fn below(&mut self, count: usize) -> usize {
        usize::from(self.byte()) % count
    }

    /// One of these.
    pub(crate) fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }

    /// The bytes up to a new line, which is taken too, as text; `None` if they are no UTF-8.
    pub(crate) fn line(&mut self) -> Option<&'a str> {
        let line = self.0.split(|byte| *byte == b'\n').next().unwrap_or_default();
        self.0 = self.0.get(line.len() + 1..).unwrap_or_default();
        std::str::from_utf8(line).ok()
    }

    /// Up to so many bytes: the next one says how many.
    pub(crate) fn bytes(&mut self, most: usize) -> &'a [u8] {
        let length = self.below(most + 1).min(self.0.len());
        let (bytes, rest) = self.0.split_at(length);
        self.0 = rest;
        bytes
    }

    /// Whether all bytes have been read.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
