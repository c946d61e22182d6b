//! What a command prints, kept up to a limit.

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
}

impl Captured {
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
