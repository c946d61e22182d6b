//! Starts a command, takes in what it prints until its end or a limit, and leaves nothing behind.

use std::io;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

#[cfg(unix)]
use crate::poll::{self as system, Pipes};
#[cfg(not(unix))]
use crate::threads::{self as system, Pipes};
use crate::{Cut, Output};

/// How long pipes may be silent after the command's end while a child of it holds them open.
const GRACE: Duration = Duration::from_millis(200);

/// How long a killed process may take to go. One that waits for a dead disk or server inside the
/// kernel (`df` on a lost NFS mount) may not go at all.
const LEAVE: Duration = Duration::from_secs(1);

/// The first and the longest pause between two looks at whether the command has ended.
const PAUSE: (Duration, Duration) = (Duration::from_millis(1), Duration::from_millis(32));

/// Starts a command with no input and both of its outputs piped, in a process group of its own.
pub(crate) fn start(command: &mut Command) -> io::Result<Child> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    system::own_group(command).spawn()
}

/// Takes in what a command prints, then ends what is left of its group and waits for it.
///
/// # Errors
///
/// The system's error if the pipes cannot be read; the command is ended all the same.
pub(crate) fn collect(
    mut child: Child,
    time: Duration,
    size: usize,
    stop: &AtomicBool,
) -> io::Result<Output> {
    let mut kept = Kept::new(size);
    let drained = drain(&mut child, &mut kept, time, stop);
    // Until it is waited for, the command keeps its number, so that no other group can have it.
    system::end_group(&mut child);
    let status = reap(child);
    let cut = drained?;
    let Kept { stdout, stderr, .. } = kept;
    Ok(Output { stdout, stderr, status: status.and_then(|status| status.code()), cut })
}

/// Which of the two pipes something came from.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Stream {
    Stdout,
    Stderr,
}

/// What has been printed, up to a limit for both streams together.
#[derive(Debug)]
pub(crate) struct Kept {
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: Vec<u8>,
    limit: usize,
    exceeded: bool,
}

impl Kept {
    pub(crate) fn new(limit: usize) -> Self {
        Self { stdout: Vec::new(), stderr: Vec::new(), limit, exceeded: false }
    }

    pub(crate) fn add(&mut self, stream: Stream, bytes: &[u8]) {
        let room = self.limit - self.stdout.len() - self.stderr.len();
        self.exceeded |= bytes.len() > room;
        let fitting = bytes.get(..room).unwrap_or(bytes);
        match stream {
            Stream::Stdout => self.stdout.extend_from_slice(fitting),
            Stream::Stderr => self.stderr.extend_from_slice(fitting),
        }
    }
}

fn drain(
    child: &mut Child,
    kept: &mut Kept,
    limit: Duration,
    stop: &AtomicBool,
) -> io::Result<Option<Cut>> {
    let mut pipes = Pipes::of(child)?;
    let started = Instant::now();
    let mut exited = false;
    let mut quiet_since = started;
    let mut pause = PAUSE.0;
    loop {
        // A limit of any length must not overflow a point in time, so time is counted from the start.
        let left = limit.saturating_sub(started.elapsed());
        if pipes.read(pause.min(left), kept)? {
            quiet_since = Instant::now();
            pause = PAUSE.0;
        } else {
            pause = PAUSE.1.min(pause * 2);
        }
        if kept.exceeded {
            return Ok(Some(Cut::Size(kept.limit)));
        }
        if !exited && system::has_exited(child) {
            exited = true;
            quiet_since = Instant::now();
        }
        if exited && (pipes.ended() || quiet_since.elapsed() >= GRACE) {
            return Ok(None);
        }
        if left.is_zero() {
            return Ok(Some(Cut::Time(limit)));
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
            Ok(None) if started.elapsed() < LEAVE => thread::sleep(PAUSE.0),
            Ok(None) => {
                // The answer must not wait for it, so a thread does; if none can be had, it stays.
                _ = thread::Builder::new().spawn(move || child.wait());
                return None;
            }
            Ok(status) => return status,
            Err(_) => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exactly_the_limit_is_not_too_much() {
        let mut kept = Kept::new(5);
        kept.add(Stream::Stdout, b"abc");
        kept.add(Stream::Stderr, b"de");
        assert!(!kept.exceeded, "{kept:?}");
    }

    #[test]
    fn the_limit_holds_for_both_streams_together() {
        let mut kept = Kept::new(5);
        kept.add(Stream::Stderr, b"abc");
        kept.add(Stream::Stdout, b"def");
        assert!(kept.exceeded, "{kept:?}");
        assert_eq!((&*kept.stdout, &*kept.stderr), (&b"de"[..], &b"abc"[..]));
    }
}
