//! What a process has printed.

use std::fmt;

/// What a process has printed so far, each stream by itself.
#[derive(Debug, Clone, Default)]
pub struct Output {
    /// Its standard output.
    pub stdout: Captured,
    /// Its standard error.
    pub stderr: Captured,
}

/// One stream of a process.
#[derive(Debug, Clone, Default)]
pub struct Captured {
    /// Its bytes, up to the limit that the process was started with; the rest is thrown away.
    pub bytes: Vec<u8>,
    /// Whether it has ended: the process, and all to which it has left the stream, have closed it.
    pub is_ended: bool,
}

/// A process that has ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Finished {
    /// The command, as [`std::process::Command`] shows it.
    pub command: String,
    /// Its exit status; `None` if a signal ended it.
    pub status: Option<i32>,
    /// All of its standard output.
    pub stdout: String,
    /// All of its standard error.
    pub stderr: String,
}

impl Output {
    /// Whether both streams have ended.
    pub fn is_ended(&self) -> bool {
        self.stdout.is_ended && self.stderr.is_ended
    }

    pub(crate) fn streams(&self) -> [&Captured; 2] {
        [&self.stdout, &self.stderr]
    }
}

impl Captured {
    /// All of it; bytes that are no UTF-8 become U+FFFD.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// The lines that have come to their end, without their line ends.
    pub fn lines(&self) -> impl Iterator<Item = String> {
        self.bytes
            .split_inclusive(|&byte| byte == b'\n')
            .filter_map(|line| line.strip_suffix(b"\n"))
            .map(|line| String::from_utf8_lossy(line).into_owned())
    }
}

impl fmt::Display for Finished {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "---- {}", self.command)?;
        writeln!(f, "---- ended with {:?}, and printed", self.status)?;
        writeln!(f, "{}", self.stdout)?;
        writeln!(f, "---- and as errors")?;
        write!(f, "{}", self.stderr)
    }
}
