//! What a server says of a film when it is over.

/// The figures of a film.
#[derive(Debug)]
pub(crate) struct Film {
    /// Frames that came.
    pub(crate) received: u64,
    /// Frames that were decoded.
    pub(crate) shown: u64,
    /// Frames that were filmed, and never sent.
    pub(crate) missing: u64,
    /// From the first frame to the last.
    pub(crate) seconds: f64,
    /// How large a frame was in the mean, in KiB.
    pub(crate) size: u64,
    /// How old frames were when they were shown, in milliseconds: the median, what 99 of 100 stay
    /// below, and the most.
    pub(crate) age: [u64; 3],
}

impl Film {
    /// Takes the figures from a line such as `127.0.0.1:41234 film: 300 frames in 10.0 s, shown 300,
    /// dropped 0, missing 0, 81 KiB each, age 12 ms (99% 18 ms, most 20 ms)`. Where one is not said,
    /// it is 0.
    ///
    /// # Panics
    /// When there is no number of frames, or no time.
    pub(crate) fn parse(line: &str) -> Film {
        let words: Vec<&str> =
            line.split([' ', '(', ',', ')']).filter(|word| !word.is_empty()).collect();
        let after = |name: &str| {
            let at = words.iter().position(|&word| word == name);
            at.and_then(|at| words.get(at + 1)).copied().unwrap_or("0")
        };
        let before = |name: &str| {
            let at = words.iter().position(|&word| word == name);
            at.and_then(|at| words.get(at.checked_sub(1)?)).copied().unwrap_or("0")
        };
        let number = |word: &str| word.parse().unwrap_or(0);
        Film {
            received: after("film:").parse().unwrap(),
            shown: number(after("shown")),
            missing: number(after("missing")),
            seconds: after("in").parse().unwrap(),
            size: number(before("KiB")),
            age: ["age", "99%", "most"].map(|name| number(after(name))),
        }
    }

    /// Frames that came in a second.
    pub(crate) fn rate(&self) -> f64 {
        self.received as f64 / self.seconds
    }

    /// Frames that were decoded in a second.
    pub(crate) fn shown_rate(&self) -> f64 {
        self.shown as f64 / self.seconds
    }
}
