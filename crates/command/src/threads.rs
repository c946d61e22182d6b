//! Each pipe read by a thread of its own: for systems that cannot poll pipes, which here means
//! Windows.

use std::io::{self, Read};
use std::process::{ChildStderr, ChildStdout};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::thread;
use std::time::Duration;

use crate::captured::{Captured, Stream};

#[cfg(windows)]
pub(crate) use job::{Child, end_group, has_exited, spawn_in_group, take_pipes};

/// The command in a job object, which its children join.
#[cfg(windows)]
mod job {
    use std::io;
    use std::process::{ChildStderr, ChildStdout, Command};

    use process_wrap::std::{ChildWrapper, CommandWrap, JobObject};

    pub(crate) type Child = Box<dyn ChildWrapper>;

    /// Starts the command in a job object of its own.
    pub(crate) fn spawn_in_group(command: Command) -> io::Result<Child> {
        CommandWrap::from(command).wrap(JobObject).spawn()
    }

    /// Takes the command's standard output and standard error.
    pub(crate) fn take_pipes(child: &mut Child) -> (Option<ChildStdout>, Option<ChildStderr>) {
        (child.stdout().take(), child.stderr().take())
    }

    /// Whether the command itself has ended.
    pub(crate) fn has_exited(child: &mut Child) -> bool {
        !matches!(child.inner_mut().try_wait(), Ok(None))
    }

    /// Ends whatever is left in the command's job.
    pub(crate) fn end_group(child: &mut Child) {
        // An error means that all of it has already gone.
        _ = child.start_kill();
    }
}

/// A command's standard output and standard error, as two threads read them.
///
/// A child of the command that holds a pipe open holds the thread that reads it, until the child
/// ends or writes; what it writes after this has been dropped goes nowhere.
pub(crate) struct Pipes {
    chunks: Receiver<Chunk>,
    ended: bool,
}

type Chunk = (Stream, io::Result<Vec<u8>>);

impl Pipes {
    pub(crate) fn of(
        (stdout, stderr): (Option<ChildStdout>, Option<ChildStderr>),
    ) -> io::Result<Self> {
        // A short queue, so that what is printed faster than it is taken stays in the pipe.
        let (sender, chunks) = mpsc::sync_channel(4);
        if let Some(pipe) = stdout {
            spawn_reader(Stream::Stdout, pipe, sender.clone())?;
        }
        if let Some(pipe) = stderr {
            spawn_reader(Stream::Stderr, pipe, sender)?;
        }
        Ok(Self { chunks, ended: false })
    }

    /// Whether both pipes are closed by all who could write to them.
    pub(crate) fn ended(&self) -> bool {
        self.ended
    }

    /// Waits for output, but for no longer than `timeout`; says whether there was any, or the end of
    /// both pipes.
    pub(crate) fn read(&mut self, timeout: Duration, captured: &mut Captured) -> io::Result<bool> {
        if self.ended {
            thread::sleep(timeout);
            return Ok(false);
        }
        match self.chunks.recv_timeout(timeout) {
            Ok((stream, chunk)) => captured.add(stream, &chunk?),
            Err(RecvTimeoutError::Timeout) => return Ok(false),
            Err(RecvTimeoutError::Disconnected) => self.ended = true,
        }
        Ok(true)
    }
}

fn spawn_reader(
    stream: Stream,
    mut pipe: impl Read + Send + 'static,
    chunks: SyncSender<Chunk>,
) -> io::Result<()> {
    let read_all = move || {
        let mut buffer = vec![0; 64 * 1024];
        loop {
            let chunk = match pipe.read(&mut buffer) {
                Ok(0) => return,
                Ok(count) => Ok(buffer[..count].to_vec()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => Err(error),
            };
            let failed = chunk.is_err();
            if chunks.send((stream, chunk)).is_err() || failed {
                return;
            }
        }
    };
    thread::Builder::new().spawn(read_all).map(drop)
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;
    use crate::answers::AnswerMemory;
    use crate::supervise;
    use std::process::{Child, Command};

    fn start(script: &str) -> (Child, Pipes) {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        let mut child = supervise::start(command).unwrap();
        let pipes = Pipes::of((child.stdout.take(), child.stderr.take())).unwrap();
        (child, pipes)
    }

    fn captured() -> Captured {
        Captured::new(usize::MAX, AnswerMemory::new(usize::MAX).begin())
    }

    #[test]
    fn a_megabyte_on_either_pipe_is_read_in_whichever_order_it_comes() {
        let million = "head -c 1000000 /dev/zero";
        let (mut child, mut pipes) = start(&format!("{million} >&2; {million}; {million} >&2"));
        let mut captured = captured();
        while !pipes.ended() {
            pipes.read(Duration::from_secs(1), &mut captured).unwrap();
        }
        child.wait().unwrap();
        assert_eq!((captured.stdout.len(), captured.stderr.len()), (1_000_000, 2_000_000));
    }

    #[test]
    fn silence_is_told_apart_from_the_end() {
        let (mut child, mut pipes) = start("exec sleep 60");
        let mut captured = captured();
        let came = pipes.read(Duration::from_millis(1), &mut captured).unwrap();
        let ended_while_it_ran = pipes.ended();
        child.kill().unwrap();
        while !pipes.ended() {
            pipes.read(Duration::from_secs(1), &mut captured).unwrap();
        }
        child.wait().unwrap();
        assert_eq!((came, ended_while_it_ran, captured.stdout.len()), (false, false, 0));
    }
}
