//! `slice`: re-cut a stream into small pieces, which TCP is always free to do.

use std::io::{self, Read, Write};
use std::time::Instant;

use super::{Fault, What};

/// How long the next pieces are, in bytes. It never ends, and never says 0.
#[derive(Debug, Clone)]
pub struct Sizes(Source);

#[derive(Debug, Clone)]
enum Source {
    /// These in turn, then the last one for ever.
    Listed { sizes: Vec<usize>, next: usize },
    /// Any size from `least` to `most`, by a seeded generator.
    Random { least: usize, most: usize, generator: fastrand::Rng },
}

impl Sizes {
    /// Always `size`; 0 counts as 1.
    pub fn every(size: usize) -> Sizes {
        Sizes::listed(vec![size])
    }

    /// `sizes` in turn, the last one repeated; a 0 counts as 1, and an empty list as one of 1.
    pub fn listed(sizes: Vec<usize>) -> Sizes {
        Sizes(Source::Listed { sizes, next: 0 })
    }

    /// Sizes from 1 to `most`, each equally likely; the same `seed` gives the same sizes.
    pub fn random(most: usize, seed: u64) -> Sizes {
        Sizes::between(1, most, seed)
    }

    /// Sizes from `least` to `most`, each equally likely; the same `seed` gives the same sizes. A 0
    /// counts as 1, and a `most` below `least` as that.
    pub fn between(least: usize, most: usize, seed: u64) -> Sizes {
        let least = least.max(1);
        let generator = fastrand::Rng::with_seed(seed);
        Sizes(Source::Random { least, most: most.max(least), generator })
    }

    /// The size of the next piece.
    pub fn next_size(&mut self) -> usize {
        match &mut self.0 {
            Source::Listed { sizes, next } => {
                let size = sizes.get(*next).or(sizes.last()).copied().unwrap_or(1);
                *next += 1;
                size.max(1)
            }
            Source::Random { least, most, generator } => generator.usize(*least..=*most),
        }
    }
}

/// Delivers each chunk in pieces of the sizes given. It cuts again what
/// [`merge`](super::merge) has joined.
#[derive(Debug, Clone)]
pub struct Slice {
    sizes: Sizes,
}

impl Slice {
    /// Cuts each chunk into pieces as long as `sizes` says; a chunk's last piece may be shorter.
    pub fn new(sizes: Sizes) -> Slice {
        Slice { sizes }
    }
}

impl Fault for Slice {
    fn pass(
        &mut self,
        due: Instant,
        what: What<'_>,
        deliver: &mut dyn FnMut(Instant, What<'_>),
    ) -> Option<String> {
        let Some(mut chunk) = what.bytes() else {
            deliver(due, what);
            return None;
        };
        while !chunk.is_empty() {
            let (piece, rest) = chunk.split_at(self.sizes.next_size().min(chunk.len()));
            deliver(due, What::Bytes(piece));
            chunk = rest;
        }
        None
    }
}

/// A reader whose every read returns at most as many bytes as `sizes` says, whatever was asked.
///
/// The rest stays where it is (for a socket: in the kernel), so this is exactly what a reader meets
/// when the segments arrive one by one. Writes pass unchanged.
#[derive(Debug)]
pub struct SlicedReads<S> {
    stream: S,
    sizes: Sizes,
}

impl<S> SlicedReads<S> {
    /// Cuts what is read from `stream`.
    pub fn new(stream: S, sizes: Sizes) -> SlicedReads<S> {
        SlicedReads { stream, sizes }
    }
}

impl<S: Read> Read for SlicedReads<S> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = self.sizes.next_size().min(buffer.len());
        let (buffer, _) = buffer.split_at_mut(most);
        self.stream.read(buffer)
    }
}

impl<S: Write> Write for SlicedReads<S> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn pieces(sizes: Sizes, chunks: &[Vec<u8>]) -> Vec<Vec<u8>> {
        let (mut fault, now) = (Slice::new(sizes), Instant::now());
        let mut pieces = Vec::new();
        for chunk in chunks {
            fault.pass(now, What::Bytes(chunk), &mut |due, piece| {
                assert_eq!(due, now);
                pieces.push(piece.bytes().unwrap().to_vec());
            });
        }
        pieces
    }

    #[test]
    fn listed_sizes_come_in_turn_and_the_last_one_repeats() {
        let cut = pieces(Sizes::listed(vec![2, 10]), &[b"hello feng".to_vec()]);
        assert_eq!(cut, [&b"he"[..], b"llo feng"]);
        let mut sizes = Sizes::listed(vec![2, 0, 3]);
        assert_eq!([(); 5].map(|()| sizes.next_size()), [2, 1, 3, 3, 3]);
    }

    #[test]
    fn a_sliced_read_leaves_the_rest_where_it_is() {
        let mut inside = &b"hello"[..];
        let mut buffer = [0; 5];
        assert_eq!(SlicedReads::new(&mut inside, Sizes::every(2)).read(&mut buffer).unwrap(), 2);
        assert_eq!(inside, b"llo");
    }

    proptest! {
        #[test]
        fn the_bytes_that_arrive_are_the_bytes_that_were_sent(
            chunks in vec(vec(any::<u8>(), 0..50), 0..9),
            most in 1_usize..20,
            seed: u64,
        ) {
            let cut = pieces(Sizes::random(most, seed), &chunks);
            prop_assert!(cut.iter().all(|piece| (1..=most).contains(&piece.len())), "{cut:?}");
            prop_assert_eq!(cut.concat(), chunks.concat());
        }

        #[test]
        fn the_same_seed_gives_the_same_cuts(seed: u64) {
            let chunk = [vec![7; 500]];
            prop_assert_eq!(
                pieces(Sizes::random(9, seed), &chunk),
                pieces(Sizes::random(9, seed), &chunk)
            );
        }
    }
}
