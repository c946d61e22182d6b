//! Pipes, through which splice(2) moves bytes from socket to socket without a copy.
//!
//! A socket's bytes lie in pages. `splice` from a socket puts these pages into a pipe, and `splice`
//! to a socket takes them out again: what is moved is who they belong to.

use std::io;
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use rustix::pipe::{
    PipeFlags, SpliceFlags, fcntl_getpipe_size, fcntl_setpipe_size, pipe_with, splice,
};

use crate::peer::PeerSocket;

/// The capacity that is asked for each pipe, in bytes. Twice or four times as much was not faster,
/// and all the pipes of a user who is not root have 64 MiB together (`pipe-user-pages-soft`, pipe(7)).
const PIPE_CAPACITY: usize = 256 << 10;

/// The capacity below which a pipe gains nothing, in bytes. Who is beyond that limit still gets
/// pipes, of two pages.
const MIN_PIPE_CAPACITY: usize = 64 << 10;

/// The pause before a pipe is asked for again, when none was to be had.
const PIPE_RETRY_PAUSE: Duration = Duration::from_millis(100);

/// The most empty pipes that are kept.
const MAX_EMPTY_PIPES: usize = 16;

/// A pipe, and the number of bytes in it.
pub(crate) struct Pipe {
    output: OwnedFd,
    input: OwnedFd,
    capacity: usize,
    held: usize,
}

impl Pipe {
    fn new() -> io::Result<Pipe> {
        let (output, input) = pipe_with(PipeFlags::CLOEXEC | PipeFlags::NONBLOCK)?;
        let capacity =
            fcntl_setpipe_size(&input, PIPE_CAPACITY).or_else(|_| fcntl_getpipe_size(&input))?;
        if capacity < MIN_PIPE_CAPACITY {
            return Err(io::ErrorKind::QuotaExceeded.into());
        }
        Ok(Pipe { output, input, capacity, held: 0 })
    }

    /// The number of bytes in the pipe.
    pub(crate) fn held(&self) -> usize {
        self.held
    }

    /// Receives what there is; returns how much that was. Nothing may mean three things: that
    /// nothing has come, that the stream has ended, or that urgent data is next (then Linux says
    /// `WouldBlock`, or once the stream's end has come too, 0, though bytes are left).
    ///
    /// Only for an empty pipe. With something in it, `WouldBlock` could mean that it is full: it has
    /// room for a number of pages, and these need not be full themselves.
    pub(crate) fn fill(&mut self, from: &mut PeerSocket) -> io::Result<usize> {
        let moved = from.try_read(|stream| {
            Ok(splice(stream, None, &self.input, None, self.capacity, flags())?)
        })?;
        self.held += moved.unwrap_or(0);
        Ok(moved.unwrap_or(0))
    }

    /// Sends as much as there is room for; returns how much that was.
    ///
    /// A peer that is gone is an error, EPIPE. It is a signal as well, SIGPIPE, which `send` can do
    /// without and `splice` cannot; programs in Rust ignore it from the start.
    pub(crate) fn drain(&mut self, to: &mut PeerSocket) -> io::Result<usize> {
        let before = self.held;
        while self.held > 0 {
            let moved = to.try_write(|stream| {
                Ok(splice(&self.output, None, stream, None, self.held, flags())?)
            })?;
            match moved {
                Some(0) => return Err(io::ErrorKind::WriteZero.into()),
                Some(moved) => self.held = self.held.saturating_sub(moved),
                None => break,
            }
        }
        Ok(before - self.held)
    }
}

/// Pages are moved and not copied where that can be done, and neither the pipe nor the socket is
/// waited for.
fn flags() -> SpliceFlags {
    SpliceFlags::MOVE | SpliceFlags::NONBLOCK
}

/// Empty pipes. A direction has one only as long as something is in it, so that a connection without
/// traffic has none.
#[derive(Default)]
pub(crate) struct Pipes {
    empty: Vec<Pipe>,
    /// When a pipe may be asked for again, after none was to be had.
    retry_at: Option<Instant>,
}

impl Pipes {
    /// An empty pipe; `None` if none is to be had, for want of descriptors or of pages.
    pub(crate) fn take(&mut self, now: Instant) -> Option<Pipe> {
        if let Some(pipe) = self.empty.pop() {
            return Some(pipe);
        }
        if self.retry_at.is_some_and(|retry_at| now < retry_at) {
            return None;
        }
        let made = Pipe::new().ok();
        self.retry_at = made.is_none().then(|| now + PIPE_RETRY_PAUSE);
        made
    }

    /// Takes a pipe back that is empty again.
    pub(crate) fn give_back(&mut self, pipe: Pipe) {
        if pipe.held == 0 && self.empty.len() < MAX_EMPTY_PIPES {
            self.empty.push(pipe);
        }
    }

    /// Closes all empty pipes, when their descriptors are needed for a client.
    pub(crate) fn clear(&mut self) {
        self.empty.clear();
    }
}
