//! A datagram socket whose calls can be traced, and whose datagrams can be lost on purpose.

use std::io::{self, ErrorKind};
use std::net::{SocketAddr, UdpSocket};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use fault::datagram::Spec;
use socket2::{Domain, Protocol, SockRef, Socket, Type};
use trace::{Action, Observer, Recorder};

use crate::address::Address;
use crate::error::Error;
use crate::faulty_exit::{FaultyExit, send};
use crate::notice::{Notice, Notify};
use crate::policy::Policy;
use crate::stop::Stop;

/// A bound UDP socket. Its calls are those of [`UdpSocket`], with what a program needs around them: a
/// wait with an end, the real length of what was cut, a trace, and faults.
#[derive(Debug)]
pub struct Datagrams {
    socket: Arc<UdpSocket>,
    /// What the socket's SO_RCVTIMEO is set to.
    wait: Mutex<Option<Duration>>,
    /// A server's own address: nobody else can send from there.
    own: Option<SocketAddr>,
    stop: Option<Stop>,
    recorder: Option<Recorder>,
    exit: Option<Arc<FaultyExit>>,
    /// Who is told what the faults do.
    notify: Notify,
}

/// How many bytes a datagram can have at most, with UDP's header of 8: a length of 16 bits, less
/// that. Over IPv4 it is 20 less.
const LARGEST: usize = 65_527;

/// A datagram that has come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Datagram<'a> {
    /// Its bytes, as many as there was room for.
    pub bytes: &'a [u8],
    /// How many bytes it had when it was sent.
    pub length: usize,
    /// Who sent it.
    pub from: SocketAddr,
}

impl Datagram<'_> {
    /// How many of its bytes there was no room for. The kernel has thrown them away.
    pub fn lost(&self) -> usize {
        self.length.saturating_sub(self.bytes.len())
    }
}

impl Datagrams {
    /// What lesson 04 spells out, as one call: binds `address`, and tells the policy's [`Notify`].
    ///
    /// # Errors
    /// [`Error::Bind`] when the address cannot be had.
    pub fn bind(address: SocketAddr, policy: &Policy) -> Result<Datagrams, Error> {
        let failed = |source| Error::Bind { address, source };
        let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP));
        let socket = socket.map_err(failed)?;
        socket.bind(&address.into()).map_err(failed)?;
        policy.listening(&socket).map_err(failed)?;
        Ok(Datagrams::of_server(socket, policy))
    }

    /// What lesson 04's client spells out, as one call: a socket for questions to the first of the
    /// server's addresses to which there is a way.
    ///
    /// # Errors
    /// [`Error::Resolve`], or [`Error::Connect`] when there is no way.
    pub fn connect(server: &Address, recorder: Option<Recorder>) -> Result<Datagrams, Error> {
        let mut last = Error::Address { text: server.to_string() };
        for address in server.resolve()? {
            match connected(address) {
                Ok(socket) => return Ok(Datagrams::of_client(socket, recorder)),
                Err(source) => last = Error::Connect { address, source },
            }
        }
        Err(last)
    }

    /// A server's socket, bound already; `policy` says when to stop, and whether to trace.
    pub fn of_server(socket: Socket, policy: &Policy) -> Datagrams {
        let own = socket.local_addr().ok().and_then(|own| own.as_socket());
        let (stop, recorder) = (Some(policy.stop.clone()), policy.recorder.clone());
        Datagrams { own, stop, ..Datagrams::of_client(socket, recorder) }
    }

    /// A client's socket, connected already: a datagram from anyone else does not reach it, connect(2).
    pub fn of_client(socket: Socket, recorder: Option<Recorder>) -> Datagrams {
        let (socket, wait) = (Arc::new(socket.into()), Mutex::default());
        let (own, stop, exit) = (None, None, None);
        Datagrams { socket, wait, own, stop, recorder, exit, notify: Notify::default() }
    }

    /// Does this to the datagrams that are sent from here; without a fault nothing changes. The same
    /// seed does the same to the same datagrams. `notify` is told of each, and the trace knows it too.
    #[must_use]
    pub fn with_faults(mut self, faults: &[Spec], seed: u64, notify: Notify) -> Datagrams {
        self.exit = (!faults.is_empty()).then(|| FaultyExit::new(faults, seed));
        self.notify = notify;
        self
    }

    /// Asks the kernel to keep so many bytes of datagrams that are not read yet (SO_RCVBUF, socket(7)).
    /// With less room more datagrams are lost, so it is no error if the kernel refuses.
    #[must_use]
    pub fn with_receive_buffer(self, bytes: usize) -> Datagrams {
        _ = SockRef::from(&*self.socket).set_recv_buffer_size(bytes);
        self
    }

    /// Goes on with another socket. What is still on its way out leaves from the old one.
    pub fn replace(&mut self, socket: Socket) {
        self.socket = Arc::new(socket.into());
        self.wait = Mutex::default();
    }

    /// Tells nobody any longer what the faults do; the trace still does.
    #[must_use]
    pub fn without_notices(self) -> Datagrams {
        Datagrams { notify: Notify::default(), ..self }
    }

    /// The address that it is bound to.
    ///
    /// # Errors
    /// The operating system's.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// The address that it is connected to.
    ///
    /// # Errors
    /// When it is connected to none, as a server's socket.
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.socket.peer_addr()
    }

    /// Waits for the next datagram, for at most `wait`. `None` if none came in that time, if this
    /// server is to stop, or if what came claims to be from this server itself.
    ///
    /// A datagram longer than `buffer` is cut, and the rest of it is gone; [`Datagram::lost`] says
    /// how much. `None` as a wait is one without end, which only a server's stop ends.
    ///
    /// # Errors
    /// `ConnectionRefused` on a client's socket when an earlier datagram met no server (the answer
    /// was an ICMP message, udp(7)); otherwise the socket's own failure.
    pub fn recv_from<'a>(
        &self,
        buffer: &'a mut [u8],
        wait: Option<Duration>,
    ) -> io::Result<Option<Datagram<'a>>> {
        self.set_wait(wait)?;
        let asked = buffer.len();
        let (got, length, from) = match receive(&self.socket, buffer) {
            Ok(received) => received,
            Err(error) if self.is_spurious(&error) => return Ok(None),
            Err(error) => {
                self.record_failure(None, "recvfrom", &error);
                return Err(error);
            }
        };
        // With a forged sender, a server would answer itself, and that answer again, without end.
        let forged = self.own == Some(from);
        if forged || self.stop.as_ref().is_some_and(Stop::is_requested) {
            return Ok(None);
        }
        let bytes = buffer.get(..got).unwrap_or_default();
        self.record(from, || Action::RecvFrom { asked, length, bytes: bytes.to_vec() });
        Ok(Some(Datagram { bytes, length, from }))
    }

    /// Sends `bytes` as one datagram to `to`.
    ///
    /// # Errors
    /// When they are more than a datagram can hold (65,507 over IPv4), or the system has no way there.
    /// That it was sent does not say that it arrives.
    pub fn send_to(&self, bytes: &[u8], to: SocketAddr) -> io::Result<()> {
        self.send_by(bytes, to, Some(to))
    }

    /// Sends `bytes` as one datagram to the peer that this socket is connected to.
    ///
    /// # Errors
    /// As [`Datagrams::send_to`], and `ConnectionRefused` when an earlier one met no server.
    pub fn send(&self, bytes: &[u8]) -> io::Result<()> {
        self.send_by(bytes, self.socket.peer_addr()?, None)
    }

    /// What lesson 04's client spells out, as one call: asks the server once for each of `waits`,
    /// until an answer comes. The observer is told of each try. `None` if no answer came.
    ///
    /// The next question leaves from another port, so that an answer that comes late, or twice, is not
    /// taken for that to the next question.
    ///
    /// # Errors
    /// `ConnectionRefused` if to the last try no server was there; otherwise the socket's own failure.
    pub fn ask(
        &mut self,
        request: &[u8],
        waits: impl IntoIterator<Item = Duration>,
        observer: &mut impl Observer,
    ) -> io::Result<Option<Vec<u8>>> {
        let (server, mut buffer) = (self.socket.peer_addr()?, vec![0; LARGEST]);
        let mut outcome = Ok(None);
        for wait in waits {
            observer.sent(request);
            match self.send(request) {
                // That an earlier datagram met no server is told by the next call, which is then
                // not made.
                Err(error) if error.kind() == ErrorKind::ConnectionRefused => self.send(request)?,
                sent => sent?,
            }
            outcome = match self.recv_from(&mut buffer, Some(wait)) {
                Ok(answer) => Ok(answer.map(|answer| answer.bytes.to_vec())),
                Err(error) if error.kind() == ErrorKind::ConnectionRefused => {
                    thread::sleep(wait);
                    Err(error)
                }
                failed => failed.map(|_| None),
            };
            match &outcome {
                Ok(Some(answer)) => {
                    observer.received(answer);
                    break;
                }
                Err(error) if error.kind() != ErrorKind::ConnectionRefused => return outcome,
                _ => {}
            }
        }
        self.replace(connected(server)?);
        outcome
    }

    fn send_by(&self, bytes: &[u8], peer: SocketAddr, to: Option<SocketAddr>) -> io::Result<()> {
        let Some(exit) = &self.exit else {
            let sent = send(&self.socket, bytes, to);
            match &sent {
                Ok(()) => self.record(peer, || Action::SendTo { bytes: bytes.to_vec() }),
                Err(error) => self.record_failure(Some(peer), "sendto", error),
            }
            return sent;
        };
        self.record(peer, || Action::SendTo { bytes: bytes.to_vec() });
        for what in exit.push(bytes, &self.socket, to) {
            self.notify.tell(Notice::Fault { to: peer, bytes, what: &what });
            self.record(peer, || Action::Fault { what, bytes: bytes.to_vec() });
        }
        Ok(())
    }

    fn set_wait(&self, wait: Option<Duration>) -> io::Result<()> {
        // The socket's time-outs are no finer than a millisecond, and zero would mean no end.
        let wait = wait.map(|wait| wait.max(Duration::from_millis(1)));
        let mut set = self.wait.lock().unwrap_or_else(PoisonError::into_inner);
        if *set != wait {
            self.socket.set_read_timeout(wait)?;
            *set = wait;
        }
        Ok(())
    }

    /// The wait is over, or a signal came in between; or, on Windows and to a server only, somebody
    /// to whom an answer was sent has gone (WSAECONNRESET).
    fn is_spurious(&self, error: &io::Error) -> bool {
        use ErrorKind::{ConnectionReset, Interrupted, TimedOut, WouldBlock};
        match error.kind() {
            WouldBlock | TimedOut | Interrupted => true,
            ConnectionReset => self.stop.is_some(),
            _ => false,
        }
    }

    fn record(&self, peer: SocketAddr, action: impl FnOnce() -> Action) {
        if let Some(recorder) = &self.recorder {
            recorder.record(&peer.to_string().into(), action(), None);
        }
    }

    fn record_failure(&self, peer: Option<SocketAddr>, call: &'static str, error: &io::Error) {
        let peer = peer.or(self.socket.peer_addr().ok()).or(self.socket.local_addr().ok());
        if let Some(peer) = peer {
            self.record(peer, || Action::Failed { call, error: error.to_string() });
        }
    }
}

fn connected(server: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(server), Type::DGRAM, Some(Protocol::UDP))?;
    socket.connect(&server.into())?;
    Ok(socket)
}

/// One datagram: how much of it is in `buffer`, how long it was, and who sent it.
#[cfg(target_os = "linux")]
fn receive(socket: &UdpSocket, buffer: &mut [u8]) -> io::Result<(usize, usize, SocketAddr)> {
    use rustix::net::{RecvFlags, recvfrom};
    // With MSG_TRUNC, Linux returns the datagram's own length, however little there is room for.
    let (got, length, from) = recvfrom(socket, buffer, RecvFlags::TRUNC)?;
    let from = from.and_then(|from| SocketAddr::try_from(from).ok());
    Ok((got, length, from.ok_or_else(|| io::Error::other("a datagram without a sender"))?))
}

/// One datagram: how much of it is in `buffer`, how long it was, and who sent it.
#[cfg(not(target_os = "linux"))]
fn receive(socket: &UdpSocket, buffer: &mut [u8]) -> io::Result<(usize, usize, SocketAddr)> {
    // No flag tells the length here, so look at it first, with room for the longest there is.
    let (length, from) = socket.peek_from(&mut vec![0; 65_535])?;
    match socket.recv_from(buffer) {
        Ok((got, from)) => Ok((got, length.max(got), from)),
        // Windows calls it an error when a datagram is cut: WSAEMSGSIZE.
        Err(error) if error.raw_os_error() == Some(10040) => Ok((buffer.len(), length, from)),
        Err(error) => Err(error),
    }
}
