//! A fault for one direction, or for both: `down:slice=1`.

use std::fmt;
use std::str::FromStr;

use crate::spec::{Family, Spec, SpecError};

/// One of the two directions between a client and its server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// `up`: from the client to the upstream server.
    Up,
    /// `down`: from the upstream server to the client.
    Down,
}

/// A fault with the direction that has it: `up:latency=20ms`, `down:slice=1`, or `rate=1MiB` for
/// both.
pub struct Directed<Running: ?Sized> {
    /// The direction that has the fault; `None` if both have it.
    pub direction: Option<Direction>,
    /// The fault.
    pub spec: Spec<Running>,
}

impl<Running: ?Sized> Directed<Running> {
    /// Whether this direction has the fault.
    pub fn is_for(&self, direction: Direction) -> bool {
        self.direction.is_none_or(|only| only == direction)
    }
}

impl<Running: Family + ?Sized> FromStr for Directed<Running> {
    type Err = SpecError;

    fn from_str(text: &str) -> Result<Directed<Running>, SpecError> {
        let (direction, spec) = match text.split_once(':') {
            Some(("up", spec)) => (Some(Direction::Up), spec),
            Some(("down", spec)) => (Some(Direction::Down), spec),
            // A value may have a colon too, such as that of stall=1000:2s.
            _ => (None, text),
        };
        Ok(Directed { direction, spec: spec.parse()? })
    }
}

impl<Running: ?Sized> fmt::Display for Directed<Running> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(direction) = self.direction {
            write!(f, "{direction}:")?;
        }
        self.spec.fmt(f)
    }
}

impl<Running: ?Sized> fmt::Debug for Directed<Running> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Directed({self})")
    }
}

impl<Running: ?Sized> Clone for Directed<Running> {
    fn clone(&self) -> Directed<Running> {
        Directed { direction: self.direction, spec: self.spec.clone() }
    }
}

impl<Running: ?Sized> PartialEq for Directed<Running> {
    fn eq(&self, other: &Directed<Running>) -> bool {
        self.direction == other.direction && self.spec == other.spec
    }
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Direction::Up => "up",
            Direction::Down => "down",
        })
    }
}
