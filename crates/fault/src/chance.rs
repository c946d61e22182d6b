//! How likely a fault is to fire, as a person writes it: `30%`.

use std::fmt;
use std::str::FromStr;

/// How likely a fault is to fire: from `0%`, never, to `100%`, always.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Chance {
    /// Kept as it was written, because 0.1% divided and multiplied by 100 need not be 0.1% again.
    percent: f64,
}

/// It is not a percentage from 0 to 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a percentage from 0% to 100%")]
pub struct NoChance;

impl Chance {
    /// Draws whether it happens this time.
    pub(crate) fn fires(self, generator: &mut fastrand::Rng) -> bool {
        // From 0 up to, but never, 1: so 0% never fires, and 100% always.
        generator.f64() < self.percent / 100.0
    }
}

impl FromStr for Chance {
    type Err = NoChance;

    fn from_str(text: &str) -> Result<Chance, NoChance> {
        let digits = text.strip_suffix('%').ok_or(NoChance)?;
        // An f64 would also take -0, NaN, inf and 1e1.
        if !digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
            return Err(NoChance);
        }
        let percent = digits.parse().map_err(|_| NoChance)?;
        if percent <= 100.0 { Ok(Chance { percent }) } else { Err(NoChance) }
    }
}

impl fmt::Display for Chance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}%", self.percent)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;

    pub(crate) fn any_chance() -> impl Strategy<Value = Chance> {
        (0.0..=100.0).prop_map(|percent| Chance { percent })
    }

    #[test]
    fn never_is_never_and_always_is_always() {
        let mut generator = fastrand::Rng::with_seed(1);
        for _ in 0..100_000 {
            assert!(!Chance { percent: 0.0 }.fires(&mut generator));
            assert!(Chance { percent: 100.0 }.fires(&mut generator));
        }
    }
}
