//! Whether there is memory for one more thread, where the process may not have as much as it likes.
//!
//! A thread that cannot be had is an error that `spawn` returns. But a new thread first takes a little memory
//! for itself, the stack on which its signals are handled, and without that the standard library ends the
//! whole process. So under RLIMIT_AS (`ulimit -v`, getrlimit(2)) a server asks before.

use std::io;

/// What is to be left beside a new thread's own stack, in bytes: for its signals' stack, for what it allocates
/// first, and for what other threads allocate meanwhile.
#[cfg(target_os = "linux")]
const MARGIN: u64 = 2 << 20;

/// Whether one more thread with so large a stack, in bytes, has room in the address space that this process
/// may have. It is true where there is no such limit, or where the system does not tell.
///
/// Other threads may take the room between this answer and the thread's beginning; a margin of 2 MiB is left
/// for that. A limit for the whole system, or for a control group, is not looked at: there the kernel ends a
/// process when memory is used, and no call fails.
///
/// # Errors
/// `OutOfMemory`.
#[cfg(target_os = "linux")]
pub fn check_thread_memory(stack_size: usize) -> io::Result<()> {
    use rustix::process::{Resource, getrlimit};

    let Some(limit) = getrlimit(Resource::As).current else { return Ok(()) };
    let Ok(statm) = std::fs::read_to_string("/proc/self/statm") else { return Ok(()) };
    // The first number is the size of the address space, in pages (proc(5)).
    let pages = statm.split_whitespace().next().and_then(|pages| pages.parse::<u64>().ok());
    let used = pages.unwrap_or(0).saturating_mul(rustix::param::page_size() as u64);
    match used + stack_size as u64 + MARGIN > limit {
        true => Err(io::Error::new(
            io::ErrorKind::OutOfMemory,
            format!(
                "this process has {} of the {} KiB of memory that it may have (`ulimit -v`)",
                used / 1024,
                limit / 1024
            ),
        )),
        false => Ok(()),
    }
}

/// This system does not tell.
///
/// # Errors
/// None.
#[cfg(not(target_os = "linux"))]
pub fn check_thread_memory(_stack_size: usize) -> io::Result<()> {
    Ok(())
}
