//! A datagram socket whose calls can be traced, and whose datagrams can be lost on purpose.

use std::io::{self, ErrorKind};
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use fault::datagram::Spec;
use socket2::{SockRef, Socket};
use trace::{Action, Observer, Recorder};

use crate::address::Address;
use crate::echo_guard::EchoGuard;
use crate::error::Error;
use crate::faulty_link::FaultyLink;
use crate::notice::{Notice, Notify};
use crate::policy::Policy;
use crate::stop::Stop;
use crate::udp::{self, Received, Route};

/// The most bytes that a datagram can carry: UDP's length has 16 bits and counts its own header of 8
/// (RFC 768). Over IPv4 it is 20 less.
const MAX_PAYLOAD: usize = 65_527;

/// A bound UDP socket. Its calls are those of [`UdpSocket`], with what a program needs around them: a
/// wait with an end, the full length of what was truncated, a trace, and faults.
#[derive(Debug)]
pub struct Datagrams {
    socket: Arc<UdpSocket>,
    /// The socket's SO_RCVTIMEO as it was last set; `None` waits without an end.
    read_timeout: Mutex<Option<Duration>>,
    /// What a server does not answer; a client answers nothing.
    echo_guard: Option<EchoGuard>,
    /// Whether the system says to which address each datagram came: for a server on all addresses.
    knows_destination: bool,
    /// A server's request to stop; a client has none.
    stop: Option<Stop>,
    recorder: Option<Recorder>,
    faults: Option<Arc<FaultyLink>>,
    /// Who is told what the faults do.
    notify: Notify,
}

/// A datagram that has come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Datagram<'a> {
    /// Its bytes, as many as the buffer had room for.
    pub bytes: &'a [u8],
    /// How many bytes it had when it was sent.
    pub length: usize,
    /// Who sent it.
    pub from: SocketAddr,
    /// To which of this machine's addresses it came; `None` if this socket is bound to one address only, or
    /// the system does not say.
    pub to: Option<IpAddr>,
}

impl Datagram<'_> {
    /// How many of its bytes the buffer had no room for. The kernel has thrown them away.
    pub fn bytes_lost(&self) -> usize {
        self.length.saturating_sub(self.bytes.len())
    }

    /// The way of an answer: to the sender, from the address that the sender has asked.
    pub fn way_back(&self) -> Route {
        Route { to: self.from, from: self.to }
    }
}

impl Datagrams {
    /// What lesson 04 spells out, as one call: binds `address`, and tells the policy's [`Notify`].
    ///
    /// # Errors
    /// [`Error::Bind`] when the address cannot be had.
    pub fn bind(address: SocketAddr, policy: &Policy) -> Result<Datagrams, Error> {
        let failed = |source| Error::Bind { address, source };
        let socket = udp::bind(address).map_err(failed)?;
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
            match udp::connect(address) {
                Ok(socket) => return Ok(Datagrams::of_client(socket, recorder)),
                Err(source) => last = Error::Connect { address, source },
            }
        }
        Err(last)
    }

    /// A server's socket, bound already; `policy` says when to stop, and whether to trace.
    pub fn of_server(socket: Socket, policy: &Policy) -> Datagrams {
        let own_address = socket.local_addr().ok().and_then(|own| own.as_socket());
        let (stop, recorder) = (Some(policy.stop.clone()), policy.recorder.clone());
        let echo_guard = own_address.map(EchoGuard::new);
        let server = Datagrams { echo_guard, stop, ..Datagrams::of_client(socket, recorder) };
        Datagrams { knows_destination: udp::ask_for_destination(&server.socket), ..server }
    }

    /// A client's socket, connected already: a datagram from anyone else does not reach it, connect(2).
    pub fn of_client(socket: Socket, recorder: Option<Recorder>) -> Datagrams {
        Datagrams {
            socket: Arc::new(socket.into()),
            read_timeout: Mutex::default(),
            echo_guard: None,
            knows_destination: false,
            stop: None,
            recorder,
            faults: None,
            notify: Notify::default(),
        }
    }

    /// Has these faults happen to the datagrams that are sent from here, the same ones for the same
    /// seed and the same datagrams. `notify` is told of each; the trace shows it too.
    #[must_use]
    pub fn with_faults(mut self, faults: &[Spec], seed: u64, notify: Notify) -> Datagrams {
        self.faults = (!faults.is_empty()).then(|| FaultyLink::new(faults, seed));
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

    /// Goes on with another socket. A datagram that a fault has delayed still leaves from the old one.
    pub fn replace(&mut self, socket: Socket) {
        self.socket = Arc::new(socket.into());
        self.read_timeout = Mutex::default();
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

    /// Waits for the next datagram, for at most `wait`; without one, until a server is to stop. `None`
    /// if none came in that time, if this server is to stop, or if to answer the datagram could have no end:
    /// it claims to be from this server itself, or is the thousandth of its kind from one sender.
    ///
    /// A datagram longer than `buffer` is truncated, and the rest of it is gone;
    /// [`Datagram::bytes_lost`] says how much.
    ///
    /// # Errors
    /// `ConnectionRefused` on a client's socket when an earlier datagram met no server (the answer
    /// was an ICMP message, udp(7)); otherwise the socket's own failure.
    pub fn recv_from<'a>(
        &self,
        buffer: &'a mut [u8],
        wait: Option<Duration>,
    ) -> io::Result<Option<Datagram<'a>>> {
        self.set_read_timeout(wait)?;
        let asked = buffer.len();
        let received = match self.knows_destination {
            true => udp::receive_with_destination(&self.socket, buffer),
            false => udp::receive(&self.socket, buffer),
        };
        let Received { got, length, from, to } = match received {
            Ok(received) => received,
            Err(error) if self.is_spurious(&error) => return Ok(None),
            Err(error) => {
                let error = as_refused(error);
                self.record_failure(None, "recvfrom", &error);
                return Err(error);
            }
        };
        if self.stop.as_ref().is_some_and(Stop::is_requested) {
            return Ok(None);
        }
        let bytes = buffer.get(..got).unwrap_or_default();
        if self.echo_guard.as_ref().is_some_and(|guard| guard.refuses(from, bytes)) {
            return Ok(None);
        }
        self.record(from, || Action::RecvFrom { asked, length, bytes: bytes.to_vec() });
        Ok(Some(Datagram { bytes, length, from, to }))
    }

    /// Receives the next datagram, whoever it claims to be from, on a socket that does not wait: for an event
    /// loop, which sets that (`set_nonblocking`) on a [clone](Datagrams::try_clone_socket), and decides itself
    /// what not to answer. It is not traced.
    ///
    /// # Errors
    /// `WouldBlock` when there is none; otherwise the socket's own failure.
    pub fn try_recv_from<'a>(&self, buffer: &'a mut [u8]) -> io::Result<Datagram<'a>> {
        let received = match self.knows_destination {
            true => udp::receive_with_destination(&self.socket, buffer),
            false => udp::receive(&self.socket, buffer),
        };
        let Received { got, length, from, to } = received?;
        Ok(Datagram { bytes: buffer.get(..got).unwrap_or_default(), length, from, to })
    }

    /// Another handle of the same socket, by which an event loop watches it.
    ///
    /// # Errors
    /// When no descriptor is left.
    pub fn try_clone_socket(&self) -> io::Result<UdpSocket> {
        self.socket.try_clone()
    }

    /// Sends `bytes` as one datagram to `to`.
    ///
    /// # Errors
    /// When they are more than a datagram can carry (65,507 over IPv4), or the system has no route
    /// there. That no error is returned does not say that the datagram arrives.
    pub fn send_to(&self, bytes: &[u8], to: SocketAddr) -> io::Result<()> {
        self.send_along(bytes, Route { to, from: None })
    }

    /// Sends `bytes` as one datagram along this route: for an answer, [`Datagram::way_back`].
    ///
    /// # Errors
    /// Those of [`Datagrams::send_to`]; and when the address to leave from is not this machine's any more.
    pub fn send_along(&self, bytes: &[u8], route: Route) -> io::Result<()> {
        self.send_by(bytes, route.to, Some(route))
    }

    /// Sends `bytes` as one datagram to the peer that this socket is connected to.
    ///
    /// # Errors
    /// Those of [`Datagrams::send_to`], and `ConnectionRefused` when an earlier datagram met no server.
    pub fn send(&self, bytes: &[u8]) -> io::Result<()> {
        self.send_by(bytes, self.socket.peer_addr()?, None)
    }

    /// What lesson 04's client spells out, as one call: asks the server once for each of `waits`,
    /// until an answer comes. The observer is told of each try. `None` if no answer came.
    ///
    /// The next question leaves from another port, so that an answer to this one that comes late, or
    /// twice, is not taken for an answer to the next.
    ///
    /// # Errors
    /// `ConnectionRefused` if to the last try no server was there; otherwise the socket's own failure.
    pub fn ask(
        &mut self,
        request: &[u8],
        waits: impl IntoIterator<Item = Duration>,
        observer: &mut impl Observer,
    ) -> io::Result<Option<Vec<u8>>> {
        let is_refused = |error: &io::Error| error.kind() == ErrorKind::ConnectionRefused;
        let (server, mut buffer) = (self.socket.peer_addr()?, vec![0; MAX_PAYLOAD]);
        let mut outcome = Ok(None);
        for wait in waits {
            observer.sent(request);
            match self.send(request) {
                // The news that an earlier datagram met no server comes in the place of this send,
                // which is then not done.
                Err(error) if is_refused(&error) => self.send(request)?,
                sent => sent?,
            }
            match self.recv_from(&mut buffer, Some(wait)) {
                Ok(Some(answer)) => {
                    observer.received(answer.bytes);
                    outcome = Ok(Some(answer.bytes.to_vec()));
                    break;
                }
                Ok(None) => outcome = Ok(None),
                Err(error) if is_refused(&error) => {
                    thread::sleep(wait);
                    outcome = Err(error);
                }
                Err(error) => return Err(error),
            }
        }
        self.replace(udp::connect(server)?);
        outcome
    }

    fn send_by(&self, bytes: &[u8], peer: SocketAddr, route: Option<Route>) -> io::Result<()> {
        let Some(faults) = &self.faults else {
            let sent = udp::send(&self.socket, bytes, route);
            match &sent {
                Ok(()) => self.record(peer, || Action::SendTo { bytes: bytes.to_vec() }),
                Err(error) => self.record_failure(Some(peer), "sendto", error),
            }
            return sent;
        };
        self.record(peer, || Action::SendTo { bytes: bytes.to_vec() });
        for what in faults.push(bytes, &self.socket, route) {
            self.notify.tell(Notice::Fault { to: peer, bytes, what: &what });
            self.record(peer, || Action::Fault { what, bytes: bytes.to_vec() });
        }
        Ok(())
    }

    /// Sets the socket's SO_RCVTIMEO, unless it is so already: that would cost as much as the recv.
    fn set_read_timeout(&self, wait: Option<Duration>) -> io::Result<()> {
        // The option is no finer than a millisecond for us, and zero would mean no end.
        let wait = wait.map(|wait| wait.max(Duration::from_millis(1)));
        let mut current = self.read_timeout.lock().unwrap_or_else(PoisonError::into_inner);
        if *current != wait {
            self.socket.set_read_timeout(wait)?;
            *current = wait;
        }
        Ok(())
    }

    /// Whether an error of recv says nothing of the peer: the wait is over, or a signal came in
    /// between (signal(7)). On Windows, a server's recv also fails when somebody to whom it sent an
    /// answer has gone (WSAECONNRESET).
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

/// That an earlier datagram met no server is ConnectionRefused on Unix and WSAECONNRESET on Windows, where
/// only recv says so: datagrams have no connection that could be reset.
fn as_refused(error: io::Error) -> io::Error {
    match error.kind() {
        ErrorKind::ConnectionReset => ErrorKind::ConnectionRefused.into(),
        _ => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_at_which_nobody_listens_is_refused_in_the_words_of_either_system() {
        for kind in [ErrorKind::ConnectionReset, ErrorKind::ConnectionRefused] {
            assert_eq!(as_refused(kind.into()).kind(), ErrorKind::ConnectionRefused);
        }
        assert_eq!(
            as_refused(ErrorKind::HostUnreachable.into()).kind(),
            ErrorKind::HostUnreachable
        );
    }
}
