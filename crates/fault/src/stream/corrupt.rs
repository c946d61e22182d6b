//! `corrupt`: bits flip on the way.
//!
//! TCP's checksum of 16 bits misses some damage, and does not see what a router's or a proxy's
//! memory does to the bytes (Stone and Partridge, "When the CRC and TCP checksum disagree", 2000).
//! This is why a file has a digest.

use std::time::Instant;

use super::fault::{Deliver, Fault, StreamEvent};
use crate::chance::Chance;
use crate::spec::{FaultKind, SpecError};

/// The share of the bytes that have one bit flipped.
pub(crate) struct Corrupt(Chance);

impl FaultKind for Corrupt {
    type Running = dyn Fault;
    const PREFIX: &'static str = "corrupt=";
    const FORMS: &'static [&'static str] = &["corrupt=1%"];

    fn parse(value: &str) -> Result<Corrupt, SpecError> {
        Chance::parse(value, "1% or 0.5%").map(Corrupt)
    }

    fn value(&self) -> String {
        self.0.to_string()
    }

    fn start(&self, seed: u64) -> Box<dyn Fault> {
        Box::new(Running { chance: self.0, generator: fastrand::Rng::with_seed(seed), passed: 0 })
    }
}

struct Running {
    chance: Chance,
    generator: fastrand::Rng,
    /// How many bytes have passed.
    passed: u64,
}

impl Fault for Running {
    /// Each byte is hit with the same chance, however the bytes are cut. In words, a byte is named by
    /// the number of bytes before it: the first one is byte 0.
    fn pass(
        &mut self,
        due: Instant,
        event: StreamEvent<'_>,
        deliver: Deliver<'_>,
    ) -> Option<String> {
        let mut bytes = event.bytes().unwrap_or_default().to_vec();
        let (mut first, mut count) = (None, 0_usize);
        for (byte, number) in bytes.iter_mut().zip(self.passed..) {
            if self.chance.fires(&mut self.generator) {
                *byte ^= 1 << self.generator.u32(0..8);
                first = first.or(Some(number));
                count += 1;
            }
        }
        self.passed += bytes.len() as u64;
        deliver(due, event.with(&bytes));
        // A line for each of many bytes would be no help.
        first.map(|first| match count {
            1 => format!("flipped a bit of byte {first}"),
            _ => format!("flipped a bit in each of {count} bytes, the first of them byte {first}"),
        })
    }
}
