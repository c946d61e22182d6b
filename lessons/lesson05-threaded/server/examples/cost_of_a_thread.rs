//! What a thread costs that has nothing to do.
//!
//! `cargo run -p lesson05-server --example cost_of_a_thread`
//!
//! Claim: little memory. Among 1,000 idle threads each takes less than 16 pages, which are 64 KiB
//! on most machines, although it reserves 2 MiB and more.

use std::fs;
use std::sync::mpsc;
use std::thread::{self, Builder};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use console::{claim, here, why};

language::catalogue!();

/// How many threads to start, if the system has so many.
const THREADS: usize = 1000;
/// What Rust's own `thread::spawn` reserves for a stack, in KiB.
const STACK_KIB: usize = 2 * 1024;
/// How long to go on starting threads.
const START_TIMEOUT: Duration = Duration::from_millis(500);

fn main() -> anyhow::Result<()> {
    claim!(
        "an idle thread takes less than 16 pages of memory, and reserves at least\n\
         {STACK_KIB} KiB of addresses"
    );
    if cfg!(not(target_os = "linux")) {
        here!("not visible on this system: it is read from Linux's /proc");
        return Ok(());
    }

    let (reserved_before, taken_before) = memory()?;
    let threads = start();
    let (reserved, taken) = memory()?;
    here!("idle threads: {threads}");
    if threads < 20 {
        here!("not visible: these are too few to measure");
        return Ok(());
    }
    let reserved = reserved.saturating_sub(reserved_before) / threads;
    let taken = taken.saturating_sub(taken_before) / threads;
    let page = kib("smaps", "KernelPageSize").unwrap_or(4);
    here!("reserved: {reserved:5} KiB each");
    here!("taken:    {taken:5} KiB each; a page is {page} KiB");
    ensure!(reserved >= STACK_KIB, "each should reserve its stack");
    ensure!(taken < 16 * page, "each should take less than 16 pages");

    why!(
        "a stack is a range of addresses; a page of memory is taken when it is\n\
         first touched, and an idle thread has touched few. (Reserved beyond the\n\
         stack is what malloc sets aside for threads.) The kernel has a stack of\n\
         its own for each, 16 KiB on x86-64, which is not in these numbers. What\n\
         runs out first is often a limit: ulimit -u, or the container's pids"
    );
    Ok(())
}

/// Starts the threads, as many as can be had in time, and waits until all have begun. They end with
/// the program.
fn start() -> usize {
    let begun = Instant::now();
    let (started, has_started) = mpsc::channel();
    let mut threads = 0;
    while threads < THREADS && begun.elapsed() < START_TIMEOUT {
        let started = started.clone();
        let idle = move || {
            let _ = started.send(());
            loop {
                thread::park();
            }
        };
        // A container may have a limit below a thousand, and a busy machine may take long. Then
        // those that there are will do.
        if Builder::new().stack_size(STACK_KIB * 1024).spawn(idle).is_err() {
            break;
        }
        threads += 1;
    }
    let _all = has_started.iter().take(threads).count();
    threads
}

/// How much memory this process has reserved, and how much it has taken, in KiB.
fn memory() -> anyhow::Result<(usize, usize)> {
    // The count in `status` leaves out some pages on kernels before 6.2; the one in smaps_rollup is
    // exact, but is not to be had everywhere.
    let taken = kib("smaps_rollup", "Rss").or_else(|_| kib("status", "VmRSS"))?;
    Ok((kib("status", "VmSize")?, taken))
}

/// The first field of this name in a file of /proc/self.
fn kib(file: &str, field: &str) -> anyhow::Result<usize> {
    let text = fs::read_to_string(format!("/proc/self/{file}"))?;
    let field_of = |line: &str| Some(line.strip_prefix(field)?.strip_prefix(':')?.to_owned());
    let value = text.lines().find_map(field_of).context("no such field in /proc")?;
    Ok(value.trim().trim_end_matches(" kB").parse()?)
}
