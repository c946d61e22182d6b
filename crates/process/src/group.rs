//! A process with all that it starts: a process group on Unix, a job object on Windows.

use std::io;
use std::process::{ChildStderr, ChildStdin, ChildStdout, Command, ExitStatus};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::descendants::Mark;

/// The groups that run now.
static RUNNING: Mutex<Vec<Group>> = Mutex::new(Vec::new());

/// A started process, which leads the group. A clone stands for the same one.
#[derive(Debug, Clone)]
pub(crate) struct Group {
    leader: Arc<Mutex<system::Child>>,
    mark: Mark,
}

/// The pipes to a process: its standard input, standard output, and standard error.
pub(crate) type Pipes = (Option<ChildStdin>, Option<ChildStdout>, Option<ChildStderr>);

impl Group {
    /// Starts the command as the leader of a new group.
    pub(crate) fn start(mut command: Command) -> io::Result<Group> {
        let mark = Mark::put(&mut command);
        // Locked meanwhile: no process may start unseen while the others are killed.
        let mut running = lock(&RUNNING);
        let group = Group { leader: Arc::new(Mutex::new(system::spawn(command)?)), mark };
        running.push(group.clone());
        Ok(group)
    }

    /// Takes the leader's pipes, of those that there are.
    pub(crate) fn take_pipes(&self) -> Pipes {
        system::take_pipes(&mut lock(&self.leader))
    }

    /// The leader's id.
    pub(crate) fn id(&self) -> u32 {
        lock(&self.leader).id()
    }

    /// Waits for the end of the leader.
    pub(crate) fn wait(&self) -> io::Result<ExitStatus> {
        system::wait(&self.leader)
    }

    /// Sends a signal to the leader, which keeps its id until `end`, also if it has ended.
    #[cfg(unix)]
    pub(crate) fn signal(&self, signal: rustix::process::Signal) -> io::Result<()> {
        system::signal(&lock(&self.leader), signal)
    }

    /// Whether something that the leader has started still runs, as far as the system shows it.
    pub(crate) fn has_descendants(&self) -> bool {
        self.mark.is_left(self.id())
    }

    /// Kills the group, and what has left it.
    pub(crate) fn kill(&self) {
        self.kill_with(false);
    }

    /// Kills the group, and lets the system forget its leader, which thereby has an id that is free again.
    pub(crate) fn end(&self) {
        let mut running = lock(&RUNNING);
        // While others run, an orphan may be one of theirs.
        self.kill_with(running.len() == 1);
        _ = lock(&self.leader).wait();
        running.retain(|group| !Arc::ptr_eq(&group.leader, &self.leader));
    }

    /// Kills the group, what has left it, and perhaps the orphans of which nothing shows whose they are.
    fn kill_with(&self, orphans: bool) {
        system::kill(&mut lock(&self.leader));
        self.mark.end(self.id(), orphans);
    }
}

/// Kills all processes that run, and then does `last`, while none can start.
pub fn kill_all_then(last: impl FnOnce()) {
    let running = lock(&RUNNING);
    running.iter().for_each(|group| group.kill_with(true));
    last();
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(unix)]
mod system {
    use std::io;
    use std::os::unix::process::{CommandExt, ExitStatusExt};
    pub(super) use std::process::Child;
    use std::process::{Command, ExitStatus};
    use std::sync::Mutex;

    use rustix::io::Errno;
    use rustix::process::{
        Pid, Signal, WaitId, WaitIdOptions, kill_process, kill_process_group, waitid,
    };

    pub(super) fn spawn(mut command: Command) -> io::Result<Child> {
        command.process_group(0).spawn()
    }

    pub(super) fn take_pipes(child: &mut Child) -> super::Pipes {
        (child.stdin.take(), child.stdout.take(), child.stderr.take())
    }

    /// Waits until the process has ended, and leaves it to be waited for again (`WNOWAIT` of waitid(2)):
    /// so its id stands for it, and for its group, until nobody needs them any more.
    pub(super) fn wait(child: &Mutex<Child>) -> io::Result<ExitStatus> {
        let id = Pid::from_child(&super::lock(child));
        // Without NOHANG it gives nothing only before there is something.
        let ended = loop {
            let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
            match waitid(WaitId::Pid(id), options) {
                Ok(None) | Err(Errno::INTR) => {}
                Ok(Some(ended)) => break ended,
                Err(error) => return Err(error.into()),
            }
        };
        // As wait(2) has it: a status of its own in the second byte, or a signal in the first.
        let status = ended.exit_status().map_or(0, |status| (status & 0xff) << 8);
        Ok(ExitStatus::from_raw(status | ended.terminating_signal().unwrap_or(0)))
    }

    pub(super) fn signal(child: &Child, signal: Signal) -> io::Result<()> {
        Ok(kill_process(Pid::from_child(child), signal)?)
    }

    pub(super) fn kill(child: &mut Child) {
        // The leader may have ended, and its children live on in its group; or have changed its group.
        _ = kill_process_group(Pid::from_child(child), Signal::KILL);
        _ = child.kill();
    }
}

#[cfg(windows)]
mod system {
    use std::io;
    use std::process::{Command, ExitStatus};
    use std::sync::Mutex;
    use std::thread;
    use std::time::Duration;

    use process_wrap::std::{ChildWrapper, CommandWrap, JobObject};

    pub(super) type Child = Box<dyn ChildWrapper>;

    /// How often a process is asked whether it has ended: what std offers is to wait for it, which would
    /// keep others from killing it meanwhile.
    const POLL_INTERVAL: Duration = Duration::from_millis(5);

    pub(super) fn spawn(command: Command) -> io::Result<Child> {
        CommandWrap::from(command).wrap(JobObject).spawn()
    }

    pub(super) fn take_pipes(child: &mut Child) -> super::Pipes {
        (child.stdin().take(), child.stdout().take(), child.stderr().take())
    }

    pub(super) fn wait(child: &Mutex<Child>) -> io::Result<ExitStatus> {
        loop {
            if let Some(status) = super::lock(child).try_wait()? {
                return Ok(status);
            }
            thread::sleep(POLL_INTERVAL);
        }
    }

    pub(super) fn kill(child: &mut Child) {
        _ = child.start_kill();
    }
}
