//! What is said about the whole file: at the beginning by an Offer and its Accept, and by an End.
//!
//! The payloads are JSON; `packet.rs` shows one of each.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::packet::MAX_PAYLOAD;

/// The largest file, in bytes: the numbers of its packets have 32 bits.
pub const MAX_FILE_SIZE: u64 = u32::MAX as u64 * MAX_PAYLOAD as u64;

/// What an Offer says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// The file's name, without a folder: one that `partial::Name::plain` takes, as both ends see to.
    pub name: String,
    /// The file's size in bytes.
    pub size: u64,
    /// For how long the sender would go on although nothing new comes from the receiver.
    #[serde(rename = "max_idle_timeout_ms")]
    pub idle_timeout: IdleTimeout,
}

/// What an Accept says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accept {
    /// For how long both ends go on although nothing new comes from the other: what was offered, or
    /// less if the receiver asks for less.
    #[serde(rename = "max_idle_timeout_ms")]
    pub idle_timeout: IdleTimeout,
}

/// What an End says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// The MD5 of the whole file. It finds damage, not forgery.
    pub md5: String,
}

impl Offer {
    /// How many Data packets the file takes.
    pub fn packets(&self) -> u32 {
        u32::try_from(self.size.div_ceil(MAX_PAYLOAD as u64)).unwrap_or(u32::MAX)
    }

    /// How many bytes of the file the Data with this number holds; 0 if there is no such packet.
    pub fn length_of(&self, number: u32) -> usize {
        let before = u64::from(number) * MAX_PAYLOAD as u64;
        self.size.min(MAX_FILE_SIZE).saturating_sub(before).min(MAX_PAYLOAD as u64) as usize
    }
}

/// How long nothing new comes from the other end before the transfer is given up: from 1 ms to
/// [`IdleTimeout::MAX`]. It travels as a number of milliseconds, and the shorter one of both ends holds
/// for both, as with the `max_idle_timeout` of QUIC (RFC 9000, sections 10.1 and 18.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u64", into = "u64")]
pub struct IdleTimeout(Duration);

impl IdleTimeout {
    /// What an end asks for unless it is told otherwise: a link may well be down for half a minute, as
    /// when a laptop changes its network.
    pub const DEFAULT: IdleTimeout = IdleTimeout(Duration::from_secs(60));

    /// The longest that an end may ask for: nobody is to keep a place for days.
    pub const MAX: Duration = Duration::from_secs(60 * 60);

    /// `timeout` in whole milliseconds, or the nearest that may be asked for.
    pub fn new(timeout: Duration) -> IdleTimeout {
        let millis = timeout.min(IdleTimeout::MAX).as_millis() as u64;
        IdleTimeout(Duration::from_millis(millis.max(1)))
    }

    /// The time.
    pub fn get(self) -> Duration {
        self.0
    }
}

impl TryFrom<u64> for IdleTimeout {
    type Error = IdleTimeoutError;

    fn try_from(millis: u64) -> Result<IdleTimeout, IdleTimeoutError> {
        let asked = Duration::from_millis(millis);
        let timeout = IdleTimeout::new(asked);
        if timeout.0 == asked { Ok(timeout) } else { Err(IdleTimeoutError(millis)) }
    }
}

impl From<IdleTimeout> for u64 {
    fn from(timeout: IdleTimeout) -> u64 {
        timeout.0.as_millis() as u64
    }
}

/// A time that no end may ask for, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an idle timeout of {0} ms is not between 1 ms and {max} ms", max = IdleTimeout::MAX.as_millis())]
pub struct IdleTimeoutError(u64);
