//! One connection, as a `Read + Write` in which no wait is without end.

use std::io::{self, Read, Write};
use std::mem::MaybeUninit;
use std::net::{Shutdown, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use socket2::{Domain, Protocol, Socket, Type};
use trace::{Recorder, Tap, View};

use crate::address::Address;
use crate::error::{Error, Role};
use crate::limits::Limits;
use crate::progress::Progress;
use crate::stop::{Stop, Watch};
use crate::timed::{Timed, Timeouts, left};
use crate::traced::Traced;

/// A TCP connection with a deadline on every wait.
///
/// Reads wait up to one time-out for a message to begin, and from its first byte on up to another
/// for it to end: one deadline, not restarted by each byte. Where a message ends only the lesson
/// knows; it tells its observer, which passes the word on to the connection's [`Progress`].
#[derive(Debug)]
pub struct Connection {
    stream: Traced<Timed>,
    peer: SocketAddr,
    progress: Progress,
    socket: Arc<Socket>,
    timeouts: Timeouts,
    recorder: Option<Recorder>,
    _watch: Option<Watch>,
}

/// What is to be read before anything is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ahead {
    Nothing,
    Bytes,
    /// The end of the stream, or an error.
    End,
}

impl Connection {
    /// A connection that a server has accepted from `peer`. If that has gone already, the first
    /// read says so.
    pub(crate) fn from_client(
        socket: Socket,
        peer: SocketAddr,
        limits: &Limits,
        stop: &Stop,
        recorder: Option<&Recorder>,
    ) -> Connection {
        let timeouts = Timeouts {
            role: Role::Server,
            begin: limits.idle_timeout,
            whole: limits.message_timeout,
        };
        Connection::new(Arc::new(socket), peer, timeouts, Some(stop), recorder)
    }

    /// Calls a server; a name's addresses are tried in turn. `timeout` is how long each of them, and
    /// later each answer, may take.
    ///
    /// # Errors
    /// [`Error::Resolve`], or [`Error::Connect`] with the last address's error when none answers.
    pub fn connect(
        server: &Address,
        timeout: Duration,
        recorder: Option<&Recorder>,
    ) -> Result<Connection, Error> {
        let mut last = None;
        for address in server.resolve()? {
            match call(address, timeout) {
                Ok(socket) => return Connection::to_server(socket, timeout, recorder),
                Err(source) => last = Some(Error::Connect { address, source }),
            }
        }
        Err(last.unwrap_or(Error::Address { text: server.to_string() }))
    }

    /// A client's connection, made of a socket that is connected already. `timeout` is how long an
    /// answer may take to begin, and then to end.
    ///
    /// # Errors
    /// [`Error::Setup`] when the socket is not connected.
    pub fn to_server(
        socket: Socket,
        timeout: Duration,
        recorder: Option<&Recorder>,
    ) -> Result<Connection, Error> {
        let failed = |source| Error::Setup { what: "the connection", source };
        let timeouts = Timeouts { role: Role::Client, begin: timeout, whole: timeout };
        let peer = socket.peer_addr().map_err(failed)?;
        let peer = peer.as_socket().ok_or_else(|| failed(io::Error::other("not an IP address")))?;
        Ok(Connection::new(Arc::new(socket), peer, timeouts, None, recorder))
    }

    /// The other end's address.
    pub fn peer(&self) -> SocketAddr {
        self.peer
    }

    /// Ends the sending direction (a half-close): the peer reads the end of the stream, and may
    /// still answer.
    ///
    /// # Errors
    /// When the connection is already gone.
    pub fn half_close(&self) -> io::Result<()> {
        self.socket.shutdown(Shutdown::Write)
    }

    /// Whether the peer has ended its direction, or the connection is gone, as far as this system
    /// knows. Waits for nothing, and takes nothing from the stream. Not while another thread uses a
    /// clone, whose waits would end at once.
    pub fn has_ended(&self) -> bool {
        self.ahead() == Ahead::End
    }

    /// Whether a read would not have to wait: the peer has said something, or ended its direction, or
    /// the connection is gone. For the rest, as [`Connection::has_ended`].
    pub fn is_readable(&self) -> bool {
        self.ahead() != Ahead::Nothing
    }

    fn ahead(&self) -> Ahead {
        if self.socket.set_nonblocking(true).is_err() {
            return Ahead::End;
        }
        let ahead = self.socket.peek(&mut [MaybeUninit::uninit()]);
        let blocking = self.socket.set_nonblocking(false);
        match ahead {
            _ if blocking.is_err() => Ahead::End,
            Ok(1..) => Ahead::Bytes,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ahead::Nothing,
            Ok(0) | Err(_) => Ahead::End,
        }
    }

    /// Has the kernel send what is written at once (TCP_NODELAY). Otherwise a small segment waits until
    /// the one before it is acknowledged (Nagle's algorithm, RFC 9293, 3.7.4), and a peer that has
    /// nothing to say takes its time for that, 40 ms on Linux. For who sends several messages in a row
    /// that belong together.
    pub fn set_nodelay(&self) {
        // It fails only where the connection is gone, and then the next call says so.
        _ = self.socket.set_tcp_nodelay(true);
    }

    /// A client's connection once more, so that one thread can read while another writes. Each of the
    /// two keeps its own time.
    pub fn another(&self) -> Connection {
        let Connection { peer, timeouts, ref socket, ref recorder, .. } = *self;
        Connection::new(socket.clone(), peer, timeouts, None, recorder.as_ref())
    }

    /// Hangs up on a peer that has been told why: ends the sending direction, and waits until the
    /// peer has ended its own, for at most `patience`.
    ///
    /// To close at once could undo the last words: when bytes arrive that nobody reads, the kernel
    /// resets the connection, and a reset may throw away what the peer has not read yet (RFC 9293,
    /// 3.6.1; RFC 9112, 9.6).
    pub fn hang_up(self, patience: Duration) {
        // Whoever is not there any more need not be waited for.
        if self.half_close().is_ok() {
            self.hear_out_until(Instant::now() + patience);
        }
    }

    /// Reads and forgets until the peer has ended its direction.
    pub(crate) fn hear_out_until(self, deadline: Instant) {
        let mut ignored = [0; 1024];
        loop {
            let wait = left(deadline);
            let waits = !wait.is_zero() && self.socket.set_read_timeout(Some(wait)).is_ok();
            if !waits || !matches!((&*self.socket).read(&mut ignored), Ok(1..)) {
                return;
            }
        }
    }

    /// The observer that this connection must have, alone or by way of another: by it the connection
    /// knows where messages end, so that the deadline of the next one begins anew.
    pub fn progress(&self) -> Progress {
        self.progress.clone()
    }

    fn new(
        socket: Arc<Socket>,
        peer: SocketAddr,
        timeouts: Timeouts,
        stop: Option<&Stop>,
        recorder: Option<&Recorder>,
    ) -> Connection {
        let local = socket.local_addr().ok().and_then(|local| local.as_socket());
        let progress = Progress::default();
        let timed = Timed::new(socket.clone(), timeouts, progress.clone(), stop);
        let stream = match recorder {
            None => Traced::Plain(timed),
            Some(recorder) => {
                let view = local.and_then(|local| View::of(local, peer));
                let tap = Tap::new(timed, recorder, peer.to_string()).with_kernel(view);
                Traced::Tapped(Box::new(tap))
            }
        };
        let watch = stop.map(|stop| stop.watch(&socket, &progress));
        let recorder = recorder.cloned();
        Connection { stream, peer, progress, socket, timeouts, recorder, _watch: watch }
    }
}

impl Read for Connection {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.stream.read(buffer)
    }
}

impl Write for Connection {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn call(address: SocketAddr, timeout: Duration) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.connect_timeout(&address.into(), timeout)?;
    Ok(socket)
}
