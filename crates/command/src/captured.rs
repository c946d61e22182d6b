//! What a command prints, kept up to a limit.

use crate::answers::Reserved;
use crate::output::Cut;

/// One of the two pipes of a command.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Stream {
    Stdout,
    Stderr,
}

/// What a command has printed, up to a limit for both streams together.
#[derive(Debug)]
pub(crate) struct Captured {
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: Vec<u8>,
    /// In bytes.
    pub(crate) limit: usize,
    /// Whether more was printed than the limit allows.
    pub(crate) exceeded: bool,
    /// Whether more was printed than the server has memory for.
    pub(crate) out_of_memory: bool,
    pub(crate) reserved: Reserved,
}

impl Captured {
    pub(crate) fn new(limit: usize, reserved: Reserved) -> Self {
        let (stdout, stderr) = (Vec::new(), Vec::new());
        Self { stdout, stderr, limit, exceeded: false, out_of_memory: false, reserved }
    }

    /// The limit that more was printed than, if it was.
    pub(crate) fn cut(&self) -> Option<Cut> {
        match (self.out_of_memory, self.exceeded) {
            (true, _) => Some(Cut::Memory(self.reserved.limit())),
            (false, true) => Some(Cut::Size(self.limit)),
            (false, false) => None,
        }
    }

    pub(crate) fn add(&mut self, stream: Stream, bytes: &[u8]) {
        let room = self.limit - self.stdout.len() - self.stderr.len();
        self.exceeded |= bytes.len() > room;
        let fitting = bytes.get(..room).unwrap_or(bytes);
        let (kept, other) = match stream {
            Stream::Stdout => (&mut self.stdout, &self.stderr),
            Stream::Stderr => (&mut self.stderr, &self.stdout),
        };
        // A vector that grows doubles, and what it has room for is memory too.
        let needed = kept.len() + fitting.len();
        let capacity =
            if needed <= kept.capacity() { kept.capacity() } else { needed.max(2 * kept.len()) };
        match self.reserved.resize(capacity + other.capacity()) {
            true => {
                kept.reserve_exact(capacity - kept.len());
                kept.extend_from_slice(fitting);
            }
            false => self.out_of_memory = true,
        }
    }
}
