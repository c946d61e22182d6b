//! The sizes of the pieces that a stream is cut into.

/// An endless list of piece sizes, in bytes, none of them 0.
#[derive(Debug, Clone)]
pub struct Sizes(Source);

#[derive(Debug, Clone)]
enum Source {
    /// The sizes in turn, then the last one for ever.
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
