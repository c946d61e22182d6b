//! A fault for one direction of a connection, or for both: `down:slice=1`.

use std::fmt;
use std::str::FromStr;

use super::Spec;
use crate::SpecError;

/// One direction of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// `up`: from the client to the upstream server.
    Up,
    /// `down`: from the upstream server to the client.
    Down,
}

/// A fault with the direction that has it: `up:latency=20ms`, `down:slice=1`, or `rate=1MiB` for
/// both.
#[derive(Debug, Clone, PartialEq)]
pub struct Directed {
    /// The direction that has the fault; `None` if both have it.
    pub direction: Option<Direction>,
    /// The fault.
    pub spec: Spec,
}

impl Directed {
    /// Whether this direction has the fault.
    pub fn is_for(&self, direction: Direction) -> bool {
        self.direction.is_none_or(|only| only == direction)
    }
}

impl FromStr for Directed {
    type Err = SpecError;

    fn from_str(text: &str) -> Result<Directed, SpecError> {
        let (direction, spec) = match text.split_once(':') {
            Some(("up", spec)) => (Some(Direction::Up), spec),
            Some(("down", spec)) => (Some(Direction::Down), spec),
            // A value may have a colon too, such as that of stall=1000:2s.
            _ => (None, text),
        };
        Ok(Directed { direction, spec: spec.parse()? })
    }
}

impl fmt::Display for Directed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(direction) = self.direction {
            write!(f, "{direction}:")?;
        }
        self.spec.fmt(f)
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
