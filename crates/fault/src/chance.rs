//! How likely a fault is to fire, as a person writes it: `30%`.

use std::fmt;

use crate::SpecError;

/// How likely a fault is to fire: from `0%`, never, to `100%`, always.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Chance {
    /// Kept as it was written, because 0.1% divided and multiplied by 100 need not be 0.1% again.
    percent: f64,
}

impl Chance {
    /// A percentage; `examples` are those of the error, such as `30% or 0.5%`.
    pub(crate) fn parse(text: &str, examples: &str) -> Result<Chance, SpecError> {
        // An f64 would also take -0, NaN, inf and 1e1.
        let is_plain = |digits: &&str| digits.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        text.strip_suffix('%')
            .filter(is_plain)
            .and_then(|digits| digits.parse().ok())
            .filter(|percent| *percent <= 100.0)
            .map(|percent| Chance { percent })
            .ok_or_else(|| {
                let instead = format!("a percentage from 0% to 100%, such as {examples}");
                SpecError::new(text, "chance", instead)
            })
    }

    /// Draws whether the fault fires this time.
    pub(crate) fn fires(self, generator: &mut fastrand::Rng) -> bool {
        // From 0 up to, but never, 1: so 0% never fires, and 100% always.
        generator.f64() < self.percent / 100.0
    }
}

impl fmt::Display for Chance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}%", self.percent)
    }
}
