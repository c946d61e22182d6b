//! What the two threads of a connection have to know of each other, and why none of their waits is
//! without end.
//!
//! A thread that waits in `recv` for one socket hears nothing of the other. So its waits are short,
//! and after each of them it checks whether the connection is still alive: that is the price of
//! threads here. (An event loop waits for both sockets at once, and checks nothing in vain.)

use std::io::{self, ErrorKind, Read, Write};
use std::net::Shutdown;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use endpoint::{Policy, Stop};
use relay::{End, Summary};
use socket2::Socket;

/// The longest that a thread waits before it checks whether the connection is still alive.
const POLL_INTERVAL: Duration = Duration::from_millis(500);

/// One of the two ends of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Party {
    /// The client, which has called the proxy.
    Client,
    /// The upstream, which the proxy has called.
    Upstream,
}

/// A client and its upstream, for the two threads that copy between them.
#[derive(Debug)]
pub struct Connection {
    client: Socket,
    upstream: Socket,
    idle_timeout: Duration,
    stop: Stop,
    opened: Instant,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// When a byte was last received or sent, on either side.
    last_activity: Instant,
    /// What has been sent to each side.
    to_client: Sent,
    to_upstream: Sent,
    /// Whose stream was the first to end in order.
    first_end: Option<End>,
    /// Why all is over before both streams have ended.
    broken: Option<End>,
}

#[derive(Debug, Default)]
struct Sent {
    bytes: u64,
    /// Whether the end of the stream is sent, or about to be.
    end: bool,
}

/// One socket of a connection, as a `Read + Write`. An error on it is remembered as the
/// end of the connection, and ends the waits of both threads.
#[derive(Debug, Clone, Copy)]
pub struct Side<'a> {
    connection: &'a Connection,
    party: Party,
}

impl Connection {
    /// A client, and an upstream that has accepted the connection.
    ///
    /// # Errors
    /// When one of the sockets has failed already.
    pub fn new(client: Socket, upstream: Socket, policy: &Policy) -> io::Result<Connection> {
        let idle_timeout = policy.limits.idle_timeout;
        let wait = idle_timeout.clamp(Duration::from_millis(1), POLL_INTERVAL);
        for socket in [&client, &upstream] {
            // Whether small segments wait for each other (Nagle's algorithm, RFC 9293, 3.7.4) has
            // been decided by who sent them.
            socket.set_tcp_nodelay(true)?;
            // An urgent byte would be taken out of the stream, and lost (RFC 6093, 3.1).
            socket.set_out_of_band_inline(true)?;
            socket.set_read_timeout(Some(wait))?;
            socket.set_write_timeout(Some(wait))?;
        }
        let opened = Instant::now();
        let state = Mutex::new(State {
            last_activity: opened,
            to_client: Sent::default(),
            to_upstream: Sent::default(),
            first_end: None,
            broken: None,
        });
        let stop = policy.stop.clone();
        Ok(Connection { client, upstream, idle_timeout, stop, opened, state })
    }

    /// The socket of this party.
    pub fn side(&self, party: Party) -> Side<'_> {
        Side { connection: self, party }
    }

    /// Closes both sockets, each in the way that tells its peer the truth: with a reset, unless its
    /// stream has ended in order, or it was sent all there was for it.
    pub fn close(self) -> Summary {
        let Connection { client, upstream, opened, state, .. } = self;
        let state = state.into_inner().unwrap_or_else(PoisonError::into_inner);
        let end = state.broken.or(state.first_end).unwrap_or(End::Stopped);
        let [reset_client, reset_upstream] = match end {
            End::Client | End::Upstream => [false, false],
            End::ClientReset(_) => [false, true],
            End::UpstreamReset(_) => [true, false],
            End::IdleTimeout | End::Stopped | End::Fault | End::FaultReset => [true, true],
        };
        for (socket, is_reset) in [(client, reset_client), (upstream, reset_upstream)] {
            if is_reset {
                reset(socket);
            }
        }
        let (up, down) = (state.to_upstream.bytes, state.to_client.bytes);
        Summary { up, down, duration: opened.elapsed(), end }
    }

    fn socket(&self, party: Party) -> &Socket {
        match party {
            Party::Client => &self.client,
            Party::Upstream => &self.upstream,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn break_off(&self, mut state: MutexGuard<'_, State>, end: End) {
        state.broken.get_or_insert(end);
        // This ends a `recv` that waits; everything else ends at its next check. To end the other
        // direction too would tell the peer that its stream has ended in order, which it has not.
        for socket in [&self.client, &self.upstream] {
            _ = socket.shutdown(Shutdown::Read);
        }
    }

    /// Why a wait that was in vain should be the last, if it should.
    fn check(&self, state: &State) -> Option<End> {
        for party in [Party::Client, Party::Upstream] {
            // Of a reset only a `recv` or a `send` hears, and perhaps both threads wait for the
            // other side.
            if let Ok(Some(error)) = self.socket(party).take_error() {
                return Some(party.reset(error));
            }
        }
        if self.stop.is_abandoned() {
            return Some(End::Stopped);
        }
        (state.last_activity.elapsed() >= self.idle_timeout).then_some(End::IdleTimeout)
    }
}

impl Side<'_> {
    /// Sends the end of the stream (a half-close). What comes from there is still received.
    ///
    /// # Errors
    /// When the connection is over.
    pub fn half_close(&self) -> io::Result<()> {
        // Before the call: the peer's own end may be here before it has returned.
        self.connection.state().sent_to(self.party).end = true;
        self.wait_for(|socket| socket.shutdown(Shutdown::Write).map(|()| 0)).map(drop)
    }

    /// Repeats a call on the socket until it has moved bytes, and returns how many.
    fn wait_for(&self, mut call: impl FnMut(&Socket) -> io::Result<usize>) -> io::Result<usize> {
        loop {
            if let Some(moved) = self.once(&mut call)? {
                return Ok(moved);
            }
        }
    }

    /// Does a call on the socket once: `None` if it has waited in vain, an error once the connection is over.
    pub fn once(
        &self,
        call: impl FnOnce(&Socket) -> io::Result<usize>,
    ) -> io::Result<Option<usize>> {
        let outcome = call(self.connection.socket(self.party));
        let mut state = self.connection.state();
        // The check comes first: an empty `recv` is no end of a stream if this proxy ended the wait.
        if state.broken.is_some() {
            return Err(over());
        }
        let end = match outcome {
            Ok(0) => return Ok(Some(0)),
            Ok(moved) => {
                state.last_activity = Instant::now();
                return Ok(Some(moved));
            }
            Err(error) if is_timeout(&error) => match self.connection.check(&state) {
                Some(end) => end,
                None => return Ok(None),
            },
            Err(error) => self.party.reset(error),
        };
        self.connection.break_off(state, end);
        Err(over())
    }

    /// Ends both threads, unless something else has done so before.
    pub fn break_off(&self, end: End) {
        self.connection.break_off(self.connection.state(), end);
    }

    /// The stream that comes from this side has ended, in order or not: remembers which.
    fn ended(&self) -> io::Result<()> {
        let mut state = self.connection.state();
        // The system tells of a reset once, and from then on the stream looks as if it had ended.
        // The other thread may have been told, in a `send`. But this socket has no peer any more,
        // and in order it loses that only when both streams have ended.
        let has_peer = self.connection.socket(self.party).peer_addr().is_ok();
        if !has_peer && !state.sent_to(self.party).end {
            self.connection.break_off(state, self.party.reset(ErrorKind::ConnectionReset.into()));
            return Err(over());
        }
        state.first_end.get_or_insert(match self.party {
            Party::Client => End::Client,
            Party::Upstream => End::Upstream,
        });
        Ok(())
    }
}

impl Read for Side<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let got = self.wait_for(|mut socket| socket.read(buffer))?;
        if got == 0 {
            self.ended()?;
        }
        Ok(got)
    }
}

impl Write for Side<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.wait_for(|mut socket| {
            let sent = socket.write(bytes)?;
            // Counted at once: it has been sent, even if the connection is over by now.
            self.connection.state().sent_to(self.party).bytes += sent as u64;
            Ok(sent)
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl State {
    fn sent_to(&mut self, party: Party) -> &mut Sent {
        match party {
            Party::Client => &mut self.to_client,
            Party::Upstream => &mut self.to_upstream,
        }
    }
}

impl Party {
    fn reset(self, error: io::Error) -> End {
        match self {
            Party::Client => End::ClientReset(error),
            Party::Upstream => End::UpstreamReset(error),
        }
    }
}

/// Closes with a reset. The socket "lingers" for no time at all: whatever is still to be sent is
/// thrown away, and the peer is sent a reset instead of an end (socket(7), SO_LINGER).
pub(crate) fn reset(socket: Socket) {
    _ = socket.set_linger(Some(Duration::ZERO));
}

/// A socket's time-out is `WouldBlock` on Unix and `TimedOut` on Windows. A wait with a time-out
/// also ends when the process is suspended and resumed (signal(7)).
///
/// Linux also says `TimedOut`, ETIMEDOUT, when a peer has not answered for minutes (tcp(7)).
fn is_timeout(error: &io::Error) -> bool {
    let time_out = if cfg!(windows) { ErrorKind::TimedOut } else { ErrorKind::WouldBlock };
    error.kind() == time_out || error.kind() == ErrorKind::Interrupted
}

/// What a thread is told that waits for nothing any more; the reason is in [`State::broken`].
fn over() -> io::Error {
    io::Error::other("the connection is over")
}
