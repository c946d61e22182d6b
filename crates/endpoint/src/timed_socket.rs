//! A socket whose every read and write has a deadline.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use socket2::Socket;

use crate::error::{Expired, Role};
use crate::opening::Opening;
use crate::progress::Progress;
use crate::stop::Stop;

/// How much of what has come is looked at in advance, in bytes: what a browser's head has seldom.
const PEEK_SIZE: usize = 4096;

/// How long a wait lasts on Windows before it is looked whether the server is to stop.
#[cfg(windows)]
const WAIT_SLICE: Duration = Duration::from_millis(200);

/// How long to wait for the peer, and which end of the connection waits.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Timeouts {
    pub(crate) role: Role,
    /// How long a message may take to begin.
    pub(crate) begin: Duration,
    /// How long a message may take from its first byte to its last, in either direction.
    pub(crate) whole: Duration,
}

impl Timeouts {
    /// What is said when no message has begun in time.
    fn nothing_began(&self) -> Expired {
        match self.role {
            Role::Server => Expired::Idle(self.begin),
            Role::Client => Expired::Answer(self.begin),
        }
    }
}

/// A socket whose SO_RCVTIMEO and SO_SNDTIMEO follow from the progress of its messages.
#[derive(Debug)]
pub(crate) struct TimedSocket {
    socket: Arc<Socket>,
    timeouts: Timeouts,
    progress: Progress,
    /// A server's request to stop; a client has none.
    stop: Option<Stop>,
    /// The check of the first bytes; only a server can be reached by a browser.
    opening: Option<Opening>,
    read_deadline: Instant,
    write_deadline: Instant,
    /// The socket's SO_RCVTIMEO and SO_SNDTIMEO as they were last set, zero at first for none. To set
    /// one before each call would cost as much as the call.
    read_timeout: Duration,
    write_timeout: Duration,
}

impl TimedSocket {
    /// A server gives its `stop`, and what a connection's first bytes are watched with; a client has neither.
    pub(crate) fn new(
        socket: Arc<Socket>,
        timeouts: Timeouts,
        progress: Progress,
        guarded: Option<(&Stop, &Opening)>,
    ) -> TimedSocket {
        let now = Instant::now();
        TimedSocket {
            socket,
            timeouts,
            progress,
            stop: guarded.map(|(stop, _)| stop.clone()),
            opening: guarded.map(|(_, opening)| opening.clone()),
            read_deadline: now,
            write_deadline: now,
            read_timeout: Duration::ZERO,
            write_timeout: Duration::ZERO,
        }
    }

    /// Sets the socket's time-out for the next read, and returns what is said if it expires.
    fn prepare_read(&mut self) -> io::Result<Expired> {
        if self.progress.take_renewed_read() {
            self.read_deadline = Instant::now() + self.timeouts.whole;
        }
        let within = Expired::Message(self.timeouts.whole, self.timeouts.role);
        let (wait, expired) = if self.progress.is_between_messages() {
            (self.timeouts.begin, self.timeouts.nothing_began())
        } else if self.progress.is_receiving() {
            (time_left(self.read_deadline), within)
        } else {
            // A message of ours cannot go on before the peer has answered a part of it, as with
            // lesson 03's `recv_ready`.
            (time_left(self.write_deadline), within)
        };
        if wait.is_zero() {
            return Err(expired.into());
        }
        if wait != self.read_timeout {
            self.socket.set_read_timeout(Some(wait))?;
            self.read_timeout = wait;
        }
        Ok(expired)
    }

    /// Waits until the next read returns at once; false if the server is to stop before a message has
    /// begun. Nothing wakes a recv that blocks on Windows (rust-lang/rust, issue 121594), so a server's
    /// waits for a slice of time and looks for itself.
    #[cfg(windows)]
    fn wait_unless_stopped(&self, expired: Expired) -> io::Result<bool> {
        let Some(stop) = &self.stop else { return Ok(true) };
        let deadline = Instant::now() + self.read_timeout;
        loop {
            if stop.is_abandoned() {
                return Err(io::ErrorKind::ConnectionAborted.into());
            }
            if stop.is_requested() && self.progress.is_idle() {
                return Ok(false);
            }
            let left = time_left(deadline);
            if left.is_zero() {
                return Err(expired.into());
            }
            if is_readable(&self.socket, left.min(WAIT_SLICE))? {
                return Ok(true);
            }
        }
    }

    /// Sets the socket's time-out for the next write, and returns what is said if it expires.
    fn prepare_write(&mut self) -> io::Result<Expired> {
        if self.progress.begin_sending() | self.progress.take_renewed_write() {
            self.write_deadline = Instant::now() + self.timeouts.whole;
        }
        let expired = Expired::Send(self.timeouts.whole, self.timeouts.role);
        let left = time_left(self.write_deadline);
        if left.is_zero() {
            return Err(expired.into());
        }
        // Of the first write's time a few microseconds have always gone by. Only a message that needs
        // more than one write is worth another setsockopt.
        let wait = if left.as_millis() + 1 >= self.timeouts.whole.as_millis() {
            self.timeouts.whole
        } else {
            left
        };
        if wait != self.write_timeout {
            self.socket.set_write_timeout(Some(wait))?;
            self.write_timeout = wait;
        }
        Ok(expired)
    }

    /// Looks at bytes that have come: the first of a message begin its deadline.
    fn note_received(&mut self, bytes: &[u8]) -> io::Result<()> {
        if !bytes.is_empty() && self.progress.begin_receiving() {
            self.read_deadline = Instant::now() + self.timeouts.whole;
        }
        let Some(opening) = &mut self.opening else { return Ok(()) };
        opening.check(bytes)?;
        // A browser sends the head of a request in one write. So what this recv had no room for is here
        // already, and says what it is before the first part of it is run.
        if opening.should_look_ahead() {
            opening.clone().check(&peek(&self.socket))?;
        }
        Ok(())
    }
}

impl Read for TimedSocket {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.progress.is_between_messages() {
            self.progress.begin_waiting();
            if self.stop.as_ref().is_some_and(Stop::is_requested) {
                // To the lesson, a server that stops looks like a client that has finished.
                return Ok(0);
            }
        }
        let got = loop {
            let expired = self.prepare_read()?;
            #[cfg(windows)]
            if !self.wait_unless_stopped(expired)? {
                return Ok(0);
            }
            match (&*self.socket).read(buffer) {
                // A recv with a time-out also ends when the process is suspended and resumed, and at
                // Ctrl-C (signal(7)). The peer has done nothing, and the deadline still holds.
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                outcome => break outcome.map_err(|error| as_expired(error, expired))?,
            }
        };
        self.note_received(buffer.get(..got).unwrap_or_default())?;
        Ok(got)
    }
}

impl Write for TimedSocket {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        loop {
            let expired = self.prepare_write()?;
            match (&*self.socket).write(bytes) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                outcome => return outcome.map_err(|error| as_expired(error, expired)),
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Waits for at most `wait` until something has come, or the stream has ended, or failed.
#[cfg(windows)]
fn is_readable(socket: &Socket, wait: Duration) -> io::Result<bool> {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let nanoseconds = wait.subsec_nanos().cast_signed();
    let wait = Timespec { tv_sec: wait.as_secs().cast_signed(), tv_nsec: nanoseconds };
    Ok(poll(&mut [PollFd::new(socket, PollFlags::IN)], Some(&wait))? > 0)
}

/// The bytes that have come and were not read, up to [`PEEK_SIZE`]. They stay where they are, and this does
/// not wait.
fn peek(socket: &Socket) -> Vec<u8> {
    let mut bytes = vec![0; PEEK_SIZE];
    // Where it cannot be done, the connection has failed, and the next read says so.
    let peeked = socket.try_clone().and_then(|clone| {
        let stream = TcpStream::from(clone);
        stream.set_nonblocking(true)?;
        let peeked = stream.peek(&mut bytes);
        stream.set_nonblocking(false)?;
        peeked
    });
    bytes.truncate(peeked.unwrap_or(0));
    bytes
}

/// The time until `deadline` in whole milliseconds: Windows sets time-outs no finer than that.
pub(crate) fn time_left(deadline: Instant) -> Duration {
    let left = deadline.saturating_duration_since(Instant::now());
    Duration::from_millis(u64::try_from(left.as_millis()).unwrap_or(u64::MAX))
}

/// A socket's own time-out is `WouldBlock` on Unix and `TimedOut` on Windows, and says nothing of why.
fn as_expired(error: io::Error, expired: Expired) -> io::Error {
    match error.kind() {
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => expired.into(),
        _ => error,
    }
}
