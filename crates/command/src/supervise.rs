//! Starts a command, takes in what it prints until its end or a limit, and leaves nothing behind.

use std::io;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::answers::Reserved;
use crate::captured::Captured;
use crate::output::{Cut, Output};
#[cfg(unix)]
use crate::poll::{self as system, Child, Pipes};
#[cfg(not(unix))]
use crate::threads::{self as system, Child, Pipes};

/// After the command's end, pipes that a child of it holds open are read until they have been silent
/// for this long.
const MAX_SILENCE: Duration = Duration::from_millis(200);

/// How long a killed process is waited for. One that waits for a dead disk or server inside the
/// kernel (`df` on a lost NFS mount) may never end.
const KILL_TIMEOUT: Duration = Duration::from_secs(1);

/// The shortest and the longest wait for output, after which it is asked whether the command has
/// ended. It grows while nothing is printed.
const MIN_POLL_INTERVAL: Duration = Duration::from_millis(1);
const MAX_POLL_INTERVAL: Duration = Duration::from_millis(32);

/// Starts a command with no input and both of its outputs piped, in a process group of its own.
pub(crate) fn start(mut command: Command) -> io::Result<Child> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    system::spawn_in_group(command)
}

/// Takes in what a command prints, then ends what is left of its group and waits for it.
///
/// # Errors
///
/// The system's error if the pipes cannot be read; the command is ended all the same.
pub(crate) fn collect(
    mut child: Child,
    time_limit: Duration,
    mut captured: Captured,
    stop: &AtomicBool,
) -> io::Result<(Output, Reserved)> {
    let drained = drain(&mut child, &mut captured, time_limit, stop);
    // Until the command is waited for, it keeps its number, so that no other group can have it.
    system::end_group(&mut child);
    let status = reap(child);
    let cut = drained?;
    let Captured { stdout, stderr, reserved, .. } = captured;
    let status = status.and_then(|status| status.code());
    Ok((Output { stdout, stderr, status, cut }, reserved))
}

fn drain(
    child: &mut Child,
    captured: &mut Captured,
    time_limit: Duration,
    stop: &AtomicBool,
) -> io::Result<Option<Cut>> {
    let mut pipes = Pipes::of(system::take_pipes(child))?;
    let started = Instant::now();
    let mut exited = false;
    let mut quiet_since = started;
    let mut interval = MIN_POLL_INTERVAL;
    loop {
        // A limit of any length must not overflow a point in time, so time is counted from the start.
        let left = time_limit.saturating_sub(started.elapsed());
        if pipes.read(interval.min(left), captured)? {
            quiet_since = Instant::now();
            interval = MIN_POLL_INTERVAL;
        } else {
            interval = MAX_POLL_INTERVAL.min(interval * 2);
        }
        if let Some(cut) = captured.cut() {
            return Ok(Some(cut));
        }
        if !exited && system::has_exited(child) {
            exited = true;
            quiet_since = Instant::now();
        }
        if exited && (pipes.ended() || quiet_since.elapsed() >= MAX_SILENCE) {
            return Ok(None);
        }
        if left.is_zero() {
            return Ok(Some(Cut::Time(time_limit)));
        }
        if stop.load(Ordering::Relaxed) {
            return Ok(Some(Cut::Stop));
        }
    }
}

/// Waits for an ended command, so that it does not stay as a zombie.
fn reap(mut child: Child) -> Option<ExitStatus> {
    let started = Instant::now();
    loop {
        match child.try_wait() {
            Ok(None) if started.elapsed() < KILL_TIMEOUT => thread::sleep(MIN_POLL_INTERVAL),
            Ok(None) => {
                // The answer must not wait for the process, so a thread does; without one it stays a
                // zombie.
                _ = thread::Builder::new().spawn(move || child.wait());
                return None;
            }
            Ok(status) => return status,
            Err(_) => return None,
        }
    }
}
