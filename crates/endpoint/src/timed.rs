//! A socket whose reads and writes all come to an end.

use std::io::{self, Read, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};

use socket2::Socket;

use crate::error::{Expired, Role};
use crate::opening::Opening;
use crate::progress::Progress;
use crate::stop::Stop;

/// How long to wait for the peer, and which end of the connection this is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Timeouts {
    pub(crate) role: Role,
    /// For a message to begin.
    pub(crate) begin: Duration,
    /// For a message that has begun to end.
    pub(crate) whole: Duration,
}

impl Timeouts {
    /// What it means when no message has begun in time.
    fn nothing_began(&self) -> Expired {
        match self.role {
            Role::Server => Expired::Idle(self.begin),
            Role::Client => Expired::Answer(self.begin),
        }
    }
}

/// The socket itself, with its time-outs kept up to date.
#[derive(Debug)]
pub(crate) struct Timed {
    socket: Arc<Socket>,
    timeouts: Timeouts,
    progress: Progress,
    stop: Option<Stop>,
    opening: Option<Opening>,
    read_deadline: Instant,
    write_deadline: Instant,
    /// What the socket's SO_RCVTIMEO and SO_SNDTIMEO are set to, zero at first for none: to set
    /// them before each read would cost as much as the read.
    read_wait: Duration,
    write_wait: Duration,
}

impl Timed {
    /// A server gives its `stop`; a client has none.
    pub(crate) fn new(
        socket: Arc<Socket>,
        timeouts: Timeouts,
        progress: Progress,
        stop: Option<&Stop>,
    ) -> Timed {
        let now = Instant::now();
        Timed {
            socket,
            timeouts,
            progress,
            stop: stop.cloned(),
            // Only a server can be reached by a browser.
            opening: stop.map(|_| Opening::default()),
            read_deadline: now,
            write_deadline: now,
            read_wait: Duration::ZERO,
            write_wait: Duration::ZERO,
        }
    }

    /// Sets the socket's time-out for the next read, and says what it means when it expires.
    fn prepare_read(&mut self) -> io::Result<Expired> {
        if self.progress.take_renewed_read() {
            self.read_deadline = Instant::now() + self.timeouts.whole;
        }
        let within = Expired::Message(self.timeouts.whole, self.timeouts.role);
        let (wait, expired) = if self.progress.is_between_messages() {
            (self.timeouts.begin, self.timeouts.nothing_began())
        } else if self.progress.is_receiving() {
            (left(self.read_deadline), within)
        } else {
            // The peer has a word to say before our message can go on, such as `recv_ready`.
            (left(self.write_deadline), within)
        };
        if wait.is_zero() {
            return Err(expired.into());
        }
        if wait != self.read_wait {
            self.socket.set_read_timeout(Some(wait))?;
            self.read_wait = wait;
        }
        Ok(expired)
    }

    fn prepare_write(&mut self) -> io::Result<Expired> {
        if self.progress.begin_sending() | self.progress.take_renewed_write() {
            self.write_deadline = Instant::now() + self.timeouts.whole;
        }
        let expired = Expired::Send(self.timeouts.whole, self.timeouts.role);
        let left = left(self.write_deadline);
        if left.is_zero() {
            return Err(expired.into());
        }
        // A few microseconds of the full wait have always gone by; only a message that needs more
        // than one write is worth another setsockopt.
        let wait = if left.as_millis() + 1 >= self.timeouts.whole.as_millis() {
            self.timeouts.whole
        } else {
            left
        };
        if wait != self.write_wait {
            self.socket.set_write_timeout(Some(wait))?;
            self.write_wait = wait;
        }
        Ok(expired)
    }

    fn got(&mut self, bytes: &[u8]) -> io::Result<()> {
        if !bytes.is_empty() && self.progress.begin_receiving() {
            self.read_deadline = Instant::now() + self.timeouts.whole;
        }
        self.opening.as_mut().map_or(Ok(()), |opening| opening.check(bytes))
    }
}

impl Read for Timed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.progress.is_between_messages() {
            self.progress.begin_waiting();
            if self.stop.as_ref().is_some_and(Stop::is_requested) {
                // The server is going: to the lesson this is a client that has finished.
                return Ok(0);
            }
        }
        let got = loop {
            let expired = self.prepare_read()?;
            match (&*self.socket).read(buffer) {
                // A wait with a time-out also ends when the process is suspended and resumed, and at
                // Ctrl-C (signal(7)). That is no word from the peer, and the deadline still holds.
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                outcome => break outcome.map_err(|error| as_expired(error, expired))?,
            }
        };
        self.got(buffer.get(..got).unwrap_or_default())?;
        Ok(got)
    }
}

impl Write for Timed {
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

/// How long until `deadline`, in whole milliseconds, because the socket's time-outs are no finer.
pub(crate) fn left(deadline: Instant) -> Duration {
    let left = deadline.saturating_duration_since(Instant::now());
    Duration::from_millis(u64::try_from(left.as_millis()).unwrap_or(u64::MAX))
}

/// A socket's time-out is `WouldBlock` on Unix and `TimedOut` on Windows, and says nothing of why.
fn as_expired(error: io::Error, expired: Expired) -> io::Error {
    match error.kind() {
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => expired.into(),
        _ => error,
    }
}
