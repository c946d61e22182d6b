//! One connection, as a `Read + Write` in which no wait is without end.

use std::io::{self, Read, Write};
use std::mem::MaybeUninit;
use std::net::{Shutdown, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use socket2::Socket;
use trace::{Observer, Recorder, Tap, View};

use crate::opening::Opening;
use crate::stop::{Stop, Watch};
use crate::{ClientArgs, Error, Expired, Limits, Printer, Traced};

/// A TCP connection with a deadline on every wait.
///
/// Reads wait up to one time-out for a message to begin, and from its first byte on up to another
/// for it to end: one deadline, not restarted by each byte. Where a message ends only the lesson
/// knows; it tells its observer, and the observer made for this connection ([`Log`](crate::Log) or
/// [`Printer`]) passes the word on.
#[derive(Debug)]
pub struct Connection {
    stream: Traced<Timed>,
    peer: SocketAddr,
    progress: Progress,
    socket: Arc<Socket>,
    waits: Waits,
    recorder: Option<Recorder>,
    _watch: Option<Watch>,
}

/// Whether an exchange is under way: a message coming in, its answer being made, or going out.
/// Shared by a connection and its observer.
#[derive(Debug, Clone, Default)]
pub(crate) struct Progress(Arc<Flags>);

#[derive(Debug, Default)]
struct Flags {
    receiving: AtomicBool,
    answering: AtomicBool,
    sending: AtomicBool,
    /// A part of the message has passed, and the deadline for reads has not been moved since.
    read_anew: AtomicBool,
    /// The same for writes.
    write_anew: AtomicBool,
}

/// What is to be read before anything is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ahead {
    Nothing,
    Bytes,
    /// The end of the stream, or an error.
    End,
}

/// Tells a connection where its messages end, so that its deadlines begin anew, and nobody else.
#[derive(Debug)]
pub struct Clock(Progress);

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
        let waits = Waits {
            begin: limits.idle_timeout,
            whole: limits.message_timeout,
            in_vain: Expired::Idle,
            option: "--message-timeout",
        };
        Connection::new(Arc::new(socket), peer, waits, Some(stop), recorder)
    }

    /// A connection that a client has made.
    pub(crate) fn to_server(socket: Socket, args: &ClientArgs) -> Result<Connection, Error> {
        let failed = |source| Error::Setup { what: "the connection", source };
        let waits = Waits {
            begin: args.timeout,
            whole: args.timeout,
            in_vain: Expired::Answer,
            option: "--timeout",
        };
        let recorder = args.trace.then(recorder);
        let peer = socket.peer_addr().map_err(failed)?;
        let peer = peer.as_socket().ok_or_else(|| failed(io::Error::other("not an IP address")))?;
        Ok(Connection::new(Arc::new(socket), peer, waits, None, recorder.as_ref()))
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
        let Connection { peer, waits, ref socket, ref recorder, .. } = *self;
        Connection::new(socket.clone(), peer, waits, None, recorder.as_ref())
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

    /// An observer for a client: prints what comes in, and tells this connection where messages end.
    pub fn printer(&self, encoding: wire::Encoding) -> Printer {
        Printer::new(self.progress(), encoding)
    }

    /// An observer that prints nothing, and tells this connection where messages end.
    pub fn clock(&self) -> Clock {
        Clock(self.progress())
    }

    pub(crate) fn progress(&self) -> Progress {
        self.progress.clone()
    }

    fn new(
        socket: Arc<Socket>,
        peer: SocketAddr,
        waits: Waits,
        stop: Option<&Stop>,
        recorder: Option<&Recorder>,
    ) -> Connection {
        let local = socket.local_addr().ok().and_then(|local| local.as_socket());
        let progress = Progress::default();
        let timed = Timed::new(socket.clone(), waits, progress.clone(), stop);
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
        Connection { stream, peer, progress, socket, waits, recorder, _watch: watch }
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

impl Observer for Clock {
    fn received(&mut self, _: &[u8]) {
        self.0.received();
    }

    fn sent(&mut self, _: &[u8]) {
        self.0.sent();
    }

    fn advanced(&mut self) {
        self.0.advanced();
    }
}

impl Progress {
    /// A message has come in whole: what comes next begins another one.
    pub(crate) fn received(&self) {
        self.0.answering.store(true, Ordering::SeqCst);
        self.end_message();
    }

    /// A message has gone out whole.
    pub(crate) fn sent(&self) {
        self.0.answering.store(false, Ordering::SeqCst);
        self.end_message();
    }

    /// A part of a long message has passed.
    pub(crate) fn advanced(&self) {
        self.0.read_anew.store(true, Ordering::SeqCst);
        self.0.write_anew.store(true, Ordering::SeqCst);
    }

    /// Whether nothing is under way, so that the connection may be closed.
    pub(crate) fn is_idle(&self) -> bool {
        self.is_between() && !self.0.answering.load(Ordering::SeqCst)
    }

    fn end_message(&self) {
        self.0.receiving.store(false, Ordering::SeqCst);
        self.0.sending.store(false, Ordering::SeqCst);
    }

    /// Whether no message is on its way in either direction.
    fn is_between(&self) -> bool {
        !self.is_receiving() && !self.0.sending.load(Ordering::SeqCst)
    }

    /// A new message is waited for, so there is no answer to the last one, or no more of it.
    fn begin_waiting(&self) {
        self.0.answering.store(false, Ordering::SeqCst);
    }

    fn is_receiving(&self) -> bool {
        self.0.receiving.load(Ordering::SeqCst)
    }

    /// Bytes have come; true if they are the first of a message.
    fn begin_receiving(&self) -> bool {
        !self.0.receiving.swap(true, Ordering::SeqCst)
    }

    fn begin_sending(&self) -> bool {
        !self.0.sending.swap(true, Ordering::SeqCst)
    }

    /// Whether a part of a message has passed since the last call.
    fn renews_read(&self) -> bool {
        self.0.read_anew.swap(false, Ordering::SeqCst)
    }

    fn renews_write(&self) -> bool {
        self.0.write_anew.swap(false, Ordering::SeqCst)
    }
}

/// The recorder behind `--trace`: a line on standard error for each call.
pub(crate) fn recorder() -> Recorder {
    Recorder::live(|event| {
        // Nobody may be reading standard error; that is no reason to end the conversation.
        _ = writeln!(io::stderr(), "{event}");
    })
}

/// How long to wait, and what to say when that was in vain.
#[derive(Debug, Clone, Copy)]
struct Waits {
    begin: Duration,
    whole: Duration,
    in_vain: fn(Duration) -> Expired,
    /// The option that sets `whole`.
    option: &'static str,
}

/// The socket itself, with its time-outs kept up to date.
#[derive(Debug)]
struct Timed {
    socket: Arc<Socket>,
    waits: Waits,
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
    fn new(socket: Arc<Socket>, waits: Waits, progress: Progress, stop: Option<&Stop>) -> Timed {
        let now = Instant::now();
        Timed {
            socket,
            waits,
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
        if self.progress.renews_read() {
            self.read_deadline = Instant::now() + self.waits.whole;
        }
        let within = Expired::Message(self.waits.whole, self.waits.option);
        let (wait, expired) = if self.progress.is_between() {
            (self.waits.begin, (self.waits.in_vain)(self.waits.begin))
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
        if self.progress.begin_sending() | self.progress.renews_write() {
            self.write_deadline = Instant::now() + self.waits.whole;
        }
        let expired = Expired::Send(self.waits.whole, self.waits.option);
        let left = left(self.write_deadline);
        if left.is_zero() {
            return Err(expired.into());
        }
        // A few microseconds of the full wait have always gone by; only a message that needs more
        // than one write is worth another setsockopt.
        let wait = if left.as_millis() + 1 >= self.waits.whole.as_millis() {
            self.waits.whole
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
            self.read_deadline = Instant::now() + self.waits.whole;
        }
        self.opening.as_mut().map_or(Ok(()), |opening| opening.check(bytes))
    }
}

impl Read for Timed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.progress.is_between() {
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
                outcome => break outcome.map_err(|error| in_words(error, expired))?,
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
                outcome => return outcome.map_err(|error| in_words(error, expired)),
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// How long until `deadline`, in whole milliseconds, because the socket's time-outs are no finer.
fn left(deadline: Instant) -> Duration {
    let left = deadline.saturating_duration_since(Instant::now());
    Duration::from_millis(u64::try_from(left.as_millis()).unwrap_or(u64::MAX))
}

/// A socket's time-out is `WouldBlock` on Unix and `TimedOut` on Windows, and says nothing of why.
fn in_words(error: io::Error, expired: Expired) -> io::Error {
    match error.kind() {
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => expired.into(),
        _ => error,
    }
}
