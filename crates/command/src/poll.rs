//! Both pipes read by one thread with poll(2), and the command's process group: Unix.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
pub(crate) use std::process::Child;
use std::process::{ChildStderr, ChildStdout, Command};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::io::Errno;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions};

use crate::captured::{Captured, Stream};

/// Starts the command as the leader of a new process group, which its children join.
pub(crate) fn spawn_in_group(mut command: Command) -> io::Result<Child> {
    command.process_group(0).spawn()
}

/// Takes the command's standard output and standard error.
pub(crate) fn take_pipes(child: &mut Child) -> (Option<ChildStdout>, Option<ChildStderr>) {
    (child.stdout.take(), child.stderr.take())
}

/// Whether the command has ended. It is not waited for yet: it keeps its number.
pub(crate) fn has_exited(child: &mut Child) -> bool {
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    match rustix::process::waitid(WaitId::Pid(Pid::from_child(child)), options) {
        Ok(status) => status.is_some(),
        // No such child: this process ignores SIGCHLD, and the system has waited for it.
        Err(error) => error != Errno::INTR,
    }
}

/// Kills whatever is left of the command's group.
pub(crate) fn end_group(child: &mut Child) {
    // An error means that the group has already gone.
    _ = rustix::process::kill_process_group(Pid::from_child(child), Signal::KILL);
}

/// The read ends of a command's standard output and standard error.
pub(crate) struct Pipes {
    open: Vec<Pipe>,
    buffer: Vec<u8>,
}

struct Pipe {
    stream: Stream,
    file: File,
    ended: bool,
}

impl Pipes {
    pub(crate) fn of(
        (stdout, stderr): (Option<ChildStdout>, Option<ChildStderr>),
    ) -> io::Result<Self> {
        let stdout = stdout.map(|pipe| (Stream::Stdout, OwnedFd::from(pipe)));
        let stderr = stderr.map(|pipe| (Stream::Stderr, OwnedFd::from(pipe)));
        let open = stdout.into_iter().chain(stderr);
        let open = open.map(|(stream, fd)| Pipe { stream, file: fd.into(), ended: false });
        Ok(Self { open: open.collect(), buffer: vec![0; 64 * 1024] })
    }

    /// Whether both pipes are closed by all who could write to them.
    pub(crate) fn ended(&self) -> bool {
        self.open.is_empty()
    }

    /// Waits for output, but for no longer than `timeout`, which is less than a second; says whether
    /// there was any, or the end of a pipe.
    pub(crate) fn read(&mut self, timeout: Duration, captured: &mut Captured) -> io::Result<bool> {
        let ready = self.poll(timeout)?;
        let mut came = false;
        for (pipe, _) in self.open.iter_mut().zip(ready).filter(|(_, ready)| *ready) {
            // Since poll has said that there is something, this read does not wait.
            match pipe.file.read(&mut self.buffer) {
                Ok(count) => {
                    captured.add(pipe.stream, &self.buffer[..count]);
                    pipe.ended = count == 0;
                    came = true;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        self.open.retain(|pipe| !pipe.ended);
        Ok(came)
    }

    /// Which of the open pipes have something to read. With none open this is a pause.
    fn poll(&self, timeout: Duration) -> io::Result<Vec<bool>> {
        let timeout = Timespec { tv_sec: 0, tv_nsec: timeout.subsec_nanos().into() };
        let mut polled: Vec<PollFd<'_>> =
            self.open.iter().map(|pipe| PollFd::new(&pipe.file, PollFlags::IN)).collect();
        match rustix::event::poll(&mut polled, Some(&timeout)) {
            Ok(_) => Ok(polled.iter().map(|pipe| !pipe.revents().is_empty()).collect()),
            Err(Errno::INTR) => Ok(Vec::new()),
            Err(error) => Err(error.into()),
        }
    }
}
