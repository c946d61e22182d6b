//! Each target with each of its seeds: no fuzzer, but every oracle.
#![cfg(unix)]

use std::fs;
use std::path::Path;

use fuzz_targets::TARGETS;

#[test]
fn every_oracle_holds_for_every_seed() {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds");
    for (name, target) in TARGETS {
        let entries = fs::read_dir(seeds.join(name)).unwrap();
        let seeds: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
        assert!(!seeds.is_empty(), "{name} has no seeds");
        for seed in seeds {
            println!("{}", seed.display());
            target(&fs::read(&seed).unwrap());
        }
    }
}
