//! A file that is renamed into its place is never seen half.
//!
//! `cargo run -p lesson08-server --example rename_is_atomic`
//!
//! Claim: a reader that opens a name again and again sees the old file or the new one, whole, while
//! a writer replaces it by rename(2). While a writer writes into the file itself, the reader sees
//! neither.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use console::{claim, here, why};

language::catalogue!();

/// The length of the file, in bytes.
const LENGTH: usize = 256 * 1024;

/// How often the file is replaced by renaming.
const ROUNDS: usize = 300;

/// How long to wait for what has to happen.
const PATIENCE: Duration = Duration::from_secs(30);

fn main() -> anyhow::Result<()> {
    let place = tempfile::tempdir().context("cannot make a folder to try it in")?;
    let (name, part) = (place.path().join("file"), place.path().join(".file.part"));

    let (whole, torn) = watch(&name, |round, _| {
        fs::write(&part, content(round))?;
        fs::rename(&part, &name)?;
        Ok(round < ROUNDS)
    })?;
    claim!(
        "a file that is renamed into its place is seen whole, the old one or the new\n\
         one; a file that is written in its place is seen torn"
    );
    here!("renamed into its place: seen {whole} times whole, {torn} times torn");
    ensure!(whole > 0 && torn == 0, "a file that was renamed should be seen whole");

    let until = Instant::now() + PATIENCE;
    let (whole, torn) = watch(&name, |round, torn_seen| {
        fs::write(&name, content(round))?;
        Ok(!torn_seen && Instant::now() < until)
    })?;
    here!("written in its place: seen {whole} times whole, {torn} times torn");
    ensure!(
        torn > 0,
        "a file that is written in its place should be seen torn within {PATIENCE:?}"
    );
    why!(
        "rename(2) changes what the name leads to, in one step; who had opened the\n\
         old file keeps it. To write into a file first makes it empty, and then fills\n\
         it, for everyone to see"
    );
    Ok(())
}

/// The file after so many rounds: one letter, over and over.
fn content(round: usize) -> Vec<u8> {
    vec![b'a' + (round % 26) as u8; LENGTH]
}

/// Reads the file over and over while `write` replaces it, until that says false. It is told
/// whether a torn file has been seen. Gives how often the file was seen whole, and how often torn.
fn watch(
    name: &Path,
    mut write: impl FnMut(usize, bool) -> anyhow::Result<bool>,
) -> anyhow::Result<(usize, usize)> {
    fs::write(name, content(0))?;
    let (over, torn_seen) = (&AtomicBool::new(false), &AtomicBool::new(false));
    thread::scope(|scope| {
        let reader = scope.spawn(move || {
            let (mut whole, mut torn) = (0, 0);
            loop {
                let last = over.load(Ordering::Relaxed);
                let seen = fs::read(name)?;
                let first = seen.first().copied();
                if seen.len() == LENGTH && seen.iter().all(|&byte| Some(byte) == first) {
                    whole += 1;
                } else {
                    torn += 1;
                    torn_seen.store(true, Ordering::Relaxed);
                }
                if last {
                    break;
                }
            }
            std::io::Result::Ok((whole, torn))
        });
        let mut round = 1;
        let written = loop {
            match write(round, torn_seen.load(Ordering::Relaxed)) {
                Ok(true) => round += 1,
                outcome => break outcome.map(drop),
            }
        };
        over.store(true, Ordering::Relaxed);
        let seen = reader.join().map_err(|_| anyhow::anyhow!("the reader failed"))??;
        written.map(|()| seen)
    })
}
