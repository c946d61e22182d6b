//! What a process has started and that has left its group, as a daemon does with setsid(2).
//!
//! On Linux such a process is known by an environment variable that it has inherited. One that has
//! changed its environment too is known by its session, as soon as its parent has ended: orphans come to
//! this process, which is their subreaper (`PR_SET_CHILD_SUBREAPER` of prctl(2)). Elsewhere on Unix neither
//! is to be had; on Windows the job object holds them all.

/// The mark of one process and of all that it starts, however deep.
#[derive(Debug, Clone)]
pub(crate) struct Mark(#[cfg(target_os = "linux")] String);

#[cfg(target_os = "linux")]
mod system {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::PathBuf;
    use std::process::{self, Command};
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::thread;
    use std::time::{Duration, Instant};

    use rustix::process::{
        Pid, Signal, WaitOptions, getpid, kill_process, set_child_subreaper, waitpid,
    };

    use super::Mark;

    /// The environment variable that holds the mark.
    const VARIABLE: &str = "PROCESS_UNDER_TEST";
    /// How long killed processes may take until they have ended: on a busy machine not at once.
    const END_TIMEOUT: Duration = Duration::from_secs(5);
    /// How long a process is waited for that execve(2) shows without an environment: on a busy machine it
    /// may stay so for a while.
    const EXEC_TIMEOUT: Duration = Duration::from_millis(200);
    /// The same once it shows its arguments, which execve(2) puts there just before the environment.
    const EXEC_END_TIMEOUT: Duration = Duration::from_millis(5);
    /// The pause between two looks at what still runs.
    const POLL_INTERVAL: Duration = Duration::from_millis(1);

    /// A process, as `/proc/PID/stat` shows it: proc(5).
    struct Seen {
        id: u32,
        is_zombie: bool,
        parent: u32,
        group: u32,
        session: u32,
    }

    impl Mark {
        /// Marks what a command will start. The mark continues the one that this process has itself, so
        /// that whoever has started this process finds these too.
        pub(crate) fn put(command: &mut Command) -> Mark {
            static NUMBER: AtomicU64 = AtomicU64::new(0);
            _ = set_child_subreaper(Some(getpid()));
            let own = std::env::var(VARIABLE).unwrap_or_default();
            let number = NUMBER.fetch_add(1, Ordering::Relaxed);
            let mark = format!("{own}/{}.{number}", process::id());
            command.env(VARIABLE, &mark);
            Mark(mark)
        }

        /// Whether any of them but `leader` runs.
        pub(crate) fn is_left(&self, leader: u32) -> bool {
            seen().any(|it| it.id != leader && self.is_on(&it))
        }

        /// Kills all of them but `leader`, and waits until they have ended. With `orphans`, that goes for
        /// those too of which nothing shows who has started them.
        pub(crate) fn end(&self, leader: u32, orphans: bool) {
            let own = process::id();
            // It is 0 where the session has begun outside of this PID namespace, as in a container: that
            // is no Pid, so getsid(2) is not asked.
            let session = Seen::of(own).map_or(0, |it| it.session);
            let given_up = Instant::now() + END_TIMEOUT;
            let mut killed = BTreeSet::new();
            loop {
                let is_one = |it: &Seen| {
                    // What this process has started itself is in its own session.
                    let is_orphan = it.parent == own && it.session != session;
                    // A killed process has lost its environment some time before it is a zombie, and while its
                    // parent is still ending, the zombie is not yet this process's to wait for.
                    let is_ours = killed.contains(&it.id) || it.group == leader;
                    let is_orphaned_zombie = it.is_zombie && is_orphan;
                    self.is_on(it) || (orphans && is_orphan) || is_ours || is_orphaned_zombie
                };
                let left: Vec<Seen> = seen().filter(|it| it.id != leader && is_one(it)).collect();
                if left.is_empty() || Instant::now() > given_up {
                    return;
                }
                for it in left {
                    let Some(id) = pid(it.id) else { continue };
                    _ = kill_process(id, Signal::KILL);
                    // It is this process's to wait for as soon as its parent has ended.
                    _ = waitpid(Some(id), WaitOptions::NOHANG);
                    killed.insert(it.id);
                }
                thread::sleep(POLL_INTERVAL);
            }
        }

        /// Whether a process has inherited the mark. A zombie has no environment any more.
        fn is_on(&self, process: &Seen) -> bool {
            let environment = process.environment();
            let value = environment
                .split(|&byte| byte == 0)
                .find_map(|entry| entry.strip_prefix(VARIABLE.as_bytes())?.strip_prefix(b"="));
            let rest = value.and_then(|value| value.strip_prefix(self.0.as_bytes()));
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/"))
        }
    }

    impl Seen {
        /// The process of this id, if there is one.
        fn of(id: u32) -> Option<Seen> {
            let text = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
            // The program's name stands in brackets, and may hold brackets and spaces itself.
            let (_, fields) = text.rsplit_once(')')?;
            let mut fields = fields.split_whitespace();
            let is_zombie = fields.next()? == "Z";
            let mut next_id = || fields.next()?.parse().ok();
            let (parent, group, session) = (next_id()?, next_id()?, next_id()?);
            Some(Seen { id, is_zombie, parent, group, session })
        }

        /// Its environment, as execve(2) has put it there: for the moment of that call it is empty, and so
        /// is its command line.
        fn environment(&self) -> Vec<u8> {
            let directory = PathBuf::from(format!("/proc/{}", self.id));
            let read = |name| fs::read(directory.join(name)).unwrap_or_default();
            let began = Instant::now();
            loop {
                let environment = read("environ");
                // Kernel threads and zombies have no program, and never an environment.
                let has_program = || fs::read_link(directory.join("exe")).is_ok();
                if !environment.is_empty() || !has_program() {
                    return environment;
                }
                let timeout =
                    if read("cmdline").is_empty() { EXEC_TIMEOUT } else { EXEC_END_TIMEOUT };
                if began.elapsed() > timeout {
                    return environment;
                }
                thread::sleep(POLL_INTERVAL);
            }
        }
    }

    /// All processes of this machine.
    fn seen() -> impl Iterator<Item = Seen> {
        let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
        entries.filter_map(|entry| Seen::of(entry.file_name().to_str()?.parse().ok()?))
    }

    fn pid(id: u32) -> Option<Pid> {
        Pid::from_raw(id.try_into().ok()?)
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    use std::process::Command;

    use super::Mark;

    impl Mark {
        /// Marks nothing: the environment of another process is not to be seen here.
        pub(crate) fn put(_: &mut Command) -> Mark {
            Mark()
        }

        /// Nothing shows whether any of them runs.
        pub(crate) fn is_left(&self, _leader: u32) -> bool {
            false
        }

        /// They cannot be told from others.
        pub(crate) fn end(&self, _leader: u32, _orphans: bool) {}
    }
}
