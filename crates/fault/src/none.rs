//! No fault: the template for all others.

use crate::Fault;

/// Delivers every chunk as it came.
#[derive(Debug, Clone, Copy, Default)]
pub struct None;

impl Fault for None {
    fn chunk(&mut self, chunk: &[u8], deliver: &mut dyn FnMut(&[u8])) {
        deliver(chunk);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_chunk_is_delivered_as_it_came() {
        let mut delivered = Vec::new();
        for chunk in [&b"he"[..], b"", b"llo"] {
            None.chunk(chunk, &mut |chunk| delivered.push(chunk.to_vec()));
        }
        assert_eq!(delivered, [&b"he"[..], b"", b"llo"]);
    }
}
