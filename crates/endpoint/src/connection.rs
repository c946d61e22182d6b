//! A TCP connection, as a `Read + Write` in which every wait has an end.

use std::io::{self, Read, Write};
use std::mem::MaybeUninit;
use std::net::{Shutdown, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use socket2::{Domain, Protocol, Socket, Type};
use trace::{KernelView, Recorder, Tap};

use crate::address::Address;
use crate::error::{Error, Role};
use crate::limits::Limits;
use crate::opening::Opening;
use crate::progress::Progress;
use crate::stop::{Stop, Watch};
use crate::timed_socket::{TimedSocket, Timeouts, time_left};
use crate::traced::Traced;

/// A TCP connection with a deadline on every wait.
///
/// A read waits up to one time-out for a message to begin, and from the message's first byte on up to
/// another for it to end: one deadline, not restarted by each byte. Where a message ends only the
/// lesson knows; it tells its observer, which passes the word on to the connection's [`Progress`].
#[derive(Debug)]
pub struct Connection {
    stream: Traced<TimedSocket>,
    peer: SocketAddr,
    progress: Progress,
    socket: Arc<Socket>,
    timeouts: Timeouts,
    recorder: Option<Recorder>,
    _watch: Option<Watch>,
}

/// What the next read would return, without a wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pending {
    Nothing,
    Bytes,
    /// The end of the stream, or an error.
    End,
}

impl Connection {
    /// A connection that a server has accepted from `peer`. If the client has gone already, the first
    /// read says so.
    pub(crate) fn from_client(
        socket: Socket,
        peer: SocketAddr,
        limits: &Limits,
        (stop, opening): (&Stop, &Opening),
        recorder: Option<&Recorder>,
    ) -> Connection {
        let timeouts = Timeouts {
            role: Role::Server,
            begin: limits.idle_timeout,
            whole: limits.message_timeout,
        };
        Connection::new(Arc::new(socket), peer, timeouts, Some((stop, opening)), recorder)
    }

    /// Calls a server; a name's addresses are tried in turn. `timeout` is how long each of them may
    /// take, and later an answer to begin, and then to end.
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

    /// Whether the peer has ended its direction and everything before that has been read, or the
    /// connection is gone, as far as this system knows. This waits for nothing, and takes nothing from
    /// the stream.
    ///
    /// It must not be called while another thread uses a handle of the same connection, whose waits
    /// would end at once: for a moment the socket is non-blocking.
    pub fn has_ended(&self) -> bool {
        self.peek() == Pending::End
    }

    /// Whether a read would return at once: the peer has sent something, or ended its direction, or the
    /// connection is gone. What holds for [`Connection::has_ended`] holds here.
    pub fn is_readable(&self) -> bool {
        self.peek() != Pending::Nothing
    }

    fn peek(&self) -> Pending {
        if self.socket.set_nonblocking(true).is_err() {
            return Pending::End;
        }
        let peeked = self.socket.peek(&mut [MaybeUninit::uninit()]);
        let blocking = self.socket.set_nonblocking(false);
        match peeked {
            _ if blocking.is_err() => Pending::End,
            Ok(1..) => Pending::Bytes,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Pending::Nothing,
            Ok(0) | Err(_) => Pending::End,
        }
    }

    /// Has the kernel send each write at once (TCP_NODELAY, tcp(7)): for a peer that sends several
    /// messages in a row. Otherwise a small segment waits until the one before it is acknowledged
    /// (Nagle's algorithm, RFC 9293, 3.7.4), and a receiver that has nothing to send delays that
    /// acknowledgement, by 40 ms on Linux.
    pub fn set_nodelay(&self) {
        // The call fails only where the connection is gone, and then the next call says so.
        _ = self.socket.set_tcp_nodelay(true);
    }

    /// Another handle of a client's connection, so that one thread can read while another writes. Each
    /// handle has a [`Progress`] and deadlines of its own.
    pub fn clone_handle(&self) -> Connection {
        let Connection { peer, timeouts, ref socket, ref recorder, .. } = *self;
        Connection::new(socket.clone(), peer, timeouts, None, recorder.as_ref())
    }

    /// Closes a connection whose peer has been told why: ends the sending direction, and reads and
    /// discards until the peer has ended its own, for at most `timeout`.
    ///
    /// A close at once could undo the last words: when bytes arrive that nobody reads, the kernel
    /// resets the connection, and a reset may throw away what the peer has not read yet (RFC 9293,
    /// 3.6.1; RFC 9112, 9.6).
    pub fn lingering_close(self, timeout: Duration) {
        // A peer that is gone already is not waited for.
        if self.half_close().is_ok() {
            self.discard_until(Instant::now() + timeout);
        }
    }

    /// Reads and discards until the peer has ended its direction, or until `deadline`; then closes.
    pub(crate) fn discard_until(self, deadline: Instant) {
        let mut discarded = [0; 1024];
        loop {
            let wait = time_left(deadline);
            let may_wait = !wait.is_zero() && self.socket.set_read_timeout(Some(wait)).is_ok();
            if !may_wait || !matches!((&*self.socket).read(&mut discarded), Ok(1..)) {
                return;
            }
        }
    }

    /// The observer that must be told where messages end on this connection, directly or by another
    /// observer: with each message the deadlines begin anew.
    pub fn progress(&self) -> Progress {
        self.progress.clone()
    }

    fn new(
        socket: Arc<Socket>,
        peer: SocketAddr,
        timeouts: Timeouts,
        guarded: Option<(&Stop, &Opening)>,
        recorder: Option<&Recorder>,
    ) -> Connection {
        let local = socket.local_addr().ok().and_then(|local| local.as_socket());
        let progress = Progress::default();
        let timed = TimedSocket::new(socket.clone(), timeouts, progress.clone(), guarded);
        let stream = match recorder {
            None => Traced::Plain(timed),
            Some(recorder) => {
                let view = local.and_then(|local| KernelView::of(local, peer));
                let tap = Tap::new(timed, recorder, peer.to_string()).with_kernel(view);
                Traced::Tapped(Box::new(tap))
            }
        };
        let watch = guarded.map(|(stop, _)| stop.watch(&socket, &progress));
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
