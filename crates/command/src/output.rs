//! What became of a command.

use std::fmt;
use std::time::Duration;

/// What a command has printed, and how it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// The bytes of the command's standard output.
    pub stdout: Vec<u8>,
    /// The bytes of the command's standard error.
    pub stderr: Vec<u8>,
    /// The exit status; `None` if a signal ended the command.
    pub status: Option<i32>,
    /// The limit that ended the command, if one did.
    pub cut: Option<Cut>,
}

impl Output {
    /// Standard output, then standard error, and if the command was cut, a last line that says so.
    /// With a cut, all of this has at most `limit` bytes, unless the line alone has more.
    pub(crate) fn into_answer(self, limit: usize) -> Vec<u8> {
        let mut answer = self.stdout;
        answer.reserve_exact(self.stderr.len());
        answer.extend_from_slice(&self.stderr);
        if let Some(cut) = self.cut {
            let note = format!("command: {cut}\n");
            answer.truncate(limit.saturating_sub(note.len() + 1));
            if answer.last().is_some_and(|&byte| byte != b'\n') {
                answer.push(b'\n');
            }
            answer.extend_from_slice(note.as_bytes());
        }
        answer
    }
}

/// The limit that ended a command before its own end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// The command ran for longer than this.
    Time(Duration),
    /// The command printed more than this many bytes.
    Size(usize),
    /// All answers of the server together would have more than this many bytes.
    Memory(usize),
    /// The server had to end before the command did.
    Stop,
}

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Time(limit) => write!(f, "ended after {} s", limit.as_secs_f64()),
            Self::Size(limit) => write!(f, "output cut at {limit} bytes"),
            Self::Memory(limit) => write!(
                f,
                "output cut: the answers that clients have still to read take all of the {limit} bytes \
                 that there are for them; try again later"
            ),
            Self::Stop => f.write_str("ended, because the server stops"),
        }
    }
}
