//! Every reader of bytes from outside, under libFuzzer: `scripts/fuzz` builds it and runs it.
//!
//! One program holds all targets, because linking is what takes long; the environment's `FUZZ_TARGET` says
//! which one runs.

#![no_main]

use std::sync::OnceLock;

use fuzz_targets::{TARGETS, Target};
use libfuzzer_sys::fuzz_target;

static CHOSEN: OnceLock<Target> = OnceLock::new();

/// The target that the environment asks for. Without one the program ends, with the names of all.
fn chosen() -> Target {
    *CHOSEN.get_or_init(|| {
        let asked = std::env::var("FUZZ_TARGET").unwrap_or_default();
        match TARGETS.iter().find(|(name, _)| *name == asked) {
            Some((_, target)) => *target,
            None => {
                let names: Vec<&str> = TARGETS.iter().map(|(name, _)| *name).collect();
                eprintln!("fuzz: no target \"{asked}\"; FUZZ_TARGET is one of {}", names.join(" "));
                std::process::exit(2);
            }
        }
    })
}

// A wrong name is to be told before libFuzzer begins.
fuzz_target!(init: { chosen(); }, |bytes: &[u8]| {
    chosen()(bytes);
});
