//! What each process of a command may take of the machine.

use std::io;
use std::process::Command;
use std::time::Duration;

/// The limits of each process.
#[derive(Debug, Clone, Copy)]
#[cfg_attr(not(unix), expect(dead_code, reason = "only Unix has such limits"))]
pub(crate) struct Limits {
    /// In bytes.
    pub(crate) memory: usize,
    /// On the clock for the whole command; each process may use as much on the processor, and a second more.
    pub(crate) time: Duration,
}

/// The longest time on the processor that is asked for, in seconds: years.
#[cfg(unix)]
const MAX_SECONDS: u64 = 1_000_000_000;

impl Limits {
    /// A program with its arguments, which `add_arguments` gives it, under these limits.
    ///
    /// A limit that the system has set lower already stays as it is.
    ///
    /// # Errors
    /// `NotFound` when there is no such program on the `PATH`.
    #[cfg(unix)]
    pub(crate) fn command(
        self,
        program: &str,
        add_arguments: impl FnOnce(&mut Command),
    ) -> io::Result<Command> {
        if !is_on_path(program) {
            // In the system's words.
            return Err(rustix::io::Errno::NOENT.into());
        }
        let (kibibytes, seconds) = (self.memory / 1024, self.time.as_secs().min(MAX_SECONDS) + 1);
        let mut command = Command::new("sh");
        command.arg("-c").arg(format!(
            "{{ ulimit -c 0; ulimit -d {kibibytes}; ulimit -t {seconds}; }} 2>/dev/null; exec \"$0\" \"$@\""
        ));
        add_arguments(command.arg(program));
        Ok(command)
    }

    /// A program with its arguments, which `add_arguments` gives it: this system has no such limits.
    #[cfg(not(unix))]
    pub(crate) fn command(
        self,
        program: &str,
        add_arguments: impl FnOnce(&mut Command),
    ) -> io::Result<Command> {
        // `ver` is a word of cmd, and no program.
        let mut command = match program {
            "ver" => Command::new("cmd"),
            program => Command::new(program),
        };
        if program == "ver" {
            command.args(["/D", "/C", "ver"]);
        }
        add_arguments(&mut command);
        Ok(command)
    }
}

/// Whether `exec` would find the program.
#[cfg(unix)]
fn is_on_path(program: &str) -> bool {
    if program.contains('/') {
        return std::path::Path::new(program).exists();
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).exists())
}
