//! A datagram socket of a probe. What goes through it is recorded, and no wait is without end.

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::thread;
use std::time::{Duration, Instant};

use language::text;
use rust_i18n::t;

use crate::client::Client;
use crate::failure::{Failure, FailureKind, Hint, Outcome};
use crate::port::Transport;
use crate::server::Server;
use crate::show;

/// The longest datagram there is over IPv4, in bytes: a length of 16 bits, less the headers of IP
/// (20) and UDP (8).
pub const LARGEST: usize = 65_507;

/// How long to listen for what should not come.
const QUIET: Duration = Duration::from_millis(100);
/// How often it is looked whether the peer is still there.
const POLL_INTERVAL: Duration = Duration::from_millis(50);
/// How long a client may take until its first datagram. A first run may have to compile.
const START_TIMEOUT: Duration = Duration::from_secs(30);

const WHOLE_BUFFER: &str = text!(
    "The text is right, and zeros follow it: the whole buffer was sent, and not only what is in \
     it. Its size says how much there is room for; how much was received, recvfrom says (in Java \
     packet.getLength()). Send so many bytes, and no more."
);

const OLD_BYTES: &str = text!(
    "Behind the text is what the datagram before, which was longer, has left in the buffer. How \
     many bytes are new, recvfrom says: use only these."
);

const PYTHON_BYTES: &str = text!("This is how Python shows bytes. Send the bytes themselves.");

/// A socket that asks a server under test, or answers a client under test.
#[derive(Debug)]
pub struct Datagrams<'a> {
    socket: UdpSocket,
    peer: Peer<'a>,
    /// Where datagrams go: to the server, or to whoever of the client has asked last.
    to: Option<SocketAddr>,
    number: usize,
    /// What came last: of a client, its last question.
    last: Option<Vec<u8>>,
}

#[derive(Debug, Clone, Copy)]
enum Peer<'a> {
    Server(&'a Server),
    Client(&'a Client),
}

impl Server {
    /// A socket that asks the server: another client.
    ///
    /// # Errors
    /// When there is no socket to be had.
    pub fn datagrams(&self) -> Result<Datagrams<'_>, Failure> {
        Datagrams::new(Peer::Server(self), Some(self.address()))
    }

    /// Whether datagrams wait in the kernel that the server has not received, where the system shows it.
    pub(crate) fn leaves_datagrams(&self) -> Option<bool> {
        let port = self.address().ip().is_loopback().then(|| self.address().port())?;
        Some(crate::port::waiting(Transport::Udp, port)? > 0)
    }
}

impl Client {
    /// Starts the client, and gives the socket that it is to ask.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start_with_datagrams(&self) -> Result<Datagrams<'_>, Failure> {
        let datagrams = Datagrams::new(Peer::Client(self), None)?;
        self.launch(datagrams.socket.local_addr().map_err(|error| trouble(&error))?)?;
        Ok(datagrams)
    }
}

impl<'a> Datagrams<'a> {
    fn new(peer: Peer<'a>, to: Option<SocketAddr>) -> Result<Datagrams<'a>, Failure> {
        let own = match to {
            Some(SocketAddr::V6(_)) => SocketAddr::from((std::net::Ipv6Addr::UNSPECIFIED, 0)),
            Some(to) if !to.ip().is_loopback() => SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)),
            _ => SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        };
        // It is not connected, so that what comes from somewhere else can be seen.
        let socket = UdpSocket::bind(own).map_err(|error| trouble(&error))?;
        let record = peer.record();
        if let Ok(own) = socket.local_addr() {
            record.uses_port(own.port());
        }
        let number = record.next_connection();
        Ok(Datagrams { socket, peer, to, number, last: None })
    }

    /// Another socket, of which the client knows nothing, that sends to where this one does.
    ///
    /// # Errors
    /// When there is no socket to be had.
    pub fn stranger(&self) -> Result<Datagrams<'a>, Failure> {
        Datagrams::new(self.peer, self.to)
    }

    /// Sends one datagram.
    pub fn send(&mut self, bytes: &[u8]) {
        self.send_as(bytes, shown(bytes));
    }

    /// Waits for one datagram, which has exactly these bytes. Of a client's, one that only repeats
    /// the question before is left out: a client may ask again as often as it likes.
    ///
    /// # Errors
    /// When another comes, or none, or one from somewhere else than where the server was asked.
    pub fn expect(&mut self, wanted: &[u8]) -> Outcome {
        self.expect_behind(wanted, |_| false)
    }

    /// The same, for as long as the probe may take: how long a client waits before it asks again is
    /// its own business.
    ///
    /// # Errors
    /// As [`Datagrams::expect`].
    pub fn expect_at_last(&mut self, wanted: &[u8]) -> Outcome {
        let came = self.take_at_last(&shown(wanted))?;
        self.is(&came, wanted)
    }

    /// The same as [`Datagrams::expect`]; one datagram that `may_precede` it is left out.
    ///
    /// # Errors
    /// As [`Datagrams::expect`].
    pub fn expect_behind(
        &mut self,
        wanted: &[u8],
        may_precede: impl FnOnce(&[u8]) -> bool,
    ) -> Outcome {
        let mut came = self.take(&shown(wanted))?;
        if came != wanted && may_precede(&came) {
            came = self.take(&shown(wanted))?;
        }
        while came != wanted && self.is_repeated(&came) {
            came = self.take(&shown(wanted))?;
        }
        self.is(&came, wanted)
    }

    fn is(&mut self, came: &[u8], wanted: &[u8]) -> Outcome {
        if came != wanted {
            return Err(Failure::new(FailureKind::Mismatch, shown(wanted), shown(came)))
                .explain(|_| self.explain_difference(came, wanted));
        }
        self.took(came);
        Ok(())
    }

    /// What is wrong with a datagram, where its bytes leave no doubt.
    fn explain_difference(&self, came: &[u8], wanted: &[u8]) -> Option<String> {
        let before = self.last.as_deref().and_then(|last| last.get(wanted.len()..));
        let hint = match came.strip_prefix(wanted) {
            Some(rest) if rest.iter().all(|&byte| byte == 0) => WHOLE_BUFFER,
            Some(b"\n" | b"\r\n") => text!("There is a new line too many at its end."),
            Some(rest) if before == Some(rest) => OLD_BYTES,
            None if came.starts_with(b"b'") || came.starts_with(b"b\"") => PYTHON_BYTES,
            None if self.is_server() && !came.is_empty() && wanted.starts_with(came) => {
                return Some(
                    t!(
                        "Only its first %{count} bytes came: what one recvfrom has no room for is \
                         lost. Ask for 65535 bytes, which no datagram exceeds.",
                        count = came.len()
                    )
                    .into_owned(),
                );
            }
            _ => return None,
        };
        Some(hint.to_owned())
    }

    /// Waits for as many datagrams as these, which have exactly these bytes, in any order.
    ///
    /// # Errors
    /// As [`Datagrams::expect`].
    pub fn expect_all(&mut self, wanted: &[&[u8]]) -> Outcome {
        let mut left: BTreeSet<&[u8]> = wanted.iter().copied().collect();
        for _ in wanted {
            let missing: Vec<String> = left.iter().map(|bytes| shown(bytes)).collect();
            let missing = missing.join(" and ");
            let came = self.take(&missing)?;
            if !left.remove(came.as_slice()) {
                return Err(Failure::new(FailureKind::Mismatch, missing, shown(&came)));
            }
        }
        let all: Vec<String> = wanted.iter().map(|bytes| shown(bytes)).collect();
        self.note(text!("receive, in any order"), all.join(", "));
        Ok(())
    }

    /// Which of the probe's sockets it is, from 1.
    pub(crate) fn number(&self) -> usize {
        self.number
    }

    /// Sends one datagram, which a report shows in these words.
    pub(crate) fn send_as(&mut self, bytes: &[u8], shown: String) {
        self.note(text!("send"), shown);
        // One that cannot be sent is lost, and fails the next expectation.
        _ = self.to.map(|to| self.socket.send_to(bytes, to));
    }

    /// Waits for one datagram, which a report shows in the words of `show`.
    ///
    /// # Errors
    /// When none comes.
    pub(crate) fn receive_as(
        &mut self,
        wanted: &str,
        show: impl FnOnce(&[u8]) -> String,
    ) -> Result<Vec<u8>, Failure> {
        let came = self.take(wanted)?;
        self.note(text!("receive"), show(&came));
        Ok(came)
    }

    /// The same, for as long as the probe may take.
    ///
    /// # Errors
    /// As [`Datagrams::receive_as`].
    pub(crate) fn receive_at_last_as(
        &mut self,
        wanted: &str,
        show: impl FnOnce(&[u8]) -> String,
    ) -> Result<Vec<u8>, Failure> {
        let came = self.take_at_last(wanted)?;
        self.note(text!("receive"), show(&came));
        Ok(came)
    }

    /// Waits for one datagram, whatever it has in it. `what` it should be is for the report.
    ///
    /// # Errors
    /// When none comes.
    pub fn receive(&mut self, what: &str) -> Result<Vec<u8>, Failure> {
        let came = self.take(what)?;
        self.took(&came);
        Ok(came)
    }

    /// Listens for a short while, and takes one datagram if it comes. That is not recorded: whether
    /// it comes so soon is not the same twice.
    pub fn receive_if_any(&mut self) -> Option<Vec<u8>> {
        Some(self.receive_until(Instant::now() + QUIET)?.0)
    }

    /// Says nothing for a while, because slowness is the point.
    pub fn pause(&mut self, pause: Duration) {
        self.note(text!("wait"), humantime::format_duration(pause).to_string());
        thread::sleep(pause);
    }

    /// Closes the socket: who answers now, answers nobody.
    pub fn close(self) {
        self.note(text!("close"), String::new());
    }

    fn note(&self, action: &str, shown: String) {
        self.peer.record().add(Some(self.number), action, shown);
    }

    fn took(&mut self, bytes: &[u8]) {
        self.note(text!("receive"), shown(bytes));
        self.last = Some(bytes.to_vec());
    }

    fn is_server(&self) -> bool {
        matches!(self.peer, Peer::Server(_))
    }

    fn is_repeated(&self, came: &[u8]) -> bool {
        !self.is_server() && self.last.as_deref() == Some(came)
    }

    /// The next datagram, from where it should come.
    fn take(&mut self, wanted: &str) -> Result<Vec<u8>, Failure> {
        self.take_by(self.peer.record().deadline(), wanted)
    }

    /// The same, for as long as the probe may take.
    fn take_at_last(&mut self, wanted: &str) -> Result<Vec<u8>, Failure> {
        let taken = self.take_by(self.peer.record().last_deadline(), wanted);
        taken.map_err(|failure| match failure.kind {
            FailureKind::Timeout => {
                Failure { actual: text!("nothing, until the probe was over").to_owned(), ..failure }
            }
            _ => failure,
        })
    }

    fn take_by(&mut self, deadline: Instant, wanted: &str) -> Result<Vec<u8>, Failure> {
        let deadline = match (self.peer, self.to) {
            (Peer::Client(_), None) => Instant::now() + START_TIMEOUT,
            _ => deadline,
        };
        let Some((came, from)) = self.receive_until(deadline) else {
            return Err(self.nothing(wanted));
        };
        match (self.peer, self.to) {
            (Peer::Server(_), Some(to)) if to != from => {
                let actual =
                    t!("%{datagram}, from another address or port", datagram = shown(&came))
                        .into_owned();
                return Err(Failure::new(FailureKind::Mismatch, wanted, actual)).hint_any(text!(
                    "The answer does not come from where the question went, and a careful client \
                     drops it. Answer through the socket that has received the question."
                ));
            }
            (Peer::Client(client), before) => {
                self.to = Some(from);
                if before.is_none() {
                    // It may have taken long to start.
                    client.record().restart();
                }
            }
            (Peer::Server(_), _) => {}
        }
        Ok(came)
    }

    fn nothing(&self, wanted: &str) -> Failure {
        let record = self.peer.record();
        if let Some(kind) = self.peer.is_gone() {
            let actual = match kind {
                FailureKind::Closed => text!("nothing: the program has ended"),
                _ => text!("nothing: nobody has that port any more"),
            };
            return Failure::new(kind, wanted, actual);
        }
        let patience = humantime::format_duration(record.patience());
        Failure::new(
            FailureKind::Timeout,
            wanted,
            t!("nothing in %{patience}", patience = patience).into_owned(),
        )
    }

    /// One datagram and its sender, unless time is up or the peer has gone before.
    fn receive_until(&self, deadline: Instant) -> Option<(Vec<u8>, SocketAddr)> {
        let (mut buffer, mut is_gone) = (vec![0; LARGEST], false);
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let wait = left.min(POLL_INTERVAL).max(Duration::from_millis(1));
            self.socket.set_read_timeout(Some(wait)).ok()?;
            match self.socket.recv_from(&mut buffer) {
                Ok((got, from)) => {
                    buffer.truncate(got);
                    return Some((buffer, from));
                }
                Err(error) => match error.kind() {
                    ErrorKind::WouldBlock | ErrorKind::TimedOut if left.is_zero() || is_gone => {
                        return None;
                    }
                    // Windows tells here that a datagram has met nobody.
                    ErrorKind::WouldBlock
                    | ErrorKind::TimedOut
                    | ErrorKind::Interrupted
                    | ErrorKind::ConnectionReset => {}
                    _ => return None,
                },
            }
            // What it has sent before it went is still taken: there is one more wait.
            is_gone = self.peer.is_gone().is_some();
        }
    }
}

impl Peer<'_> {
    fn record(&self) -> &crate::Record {
        match self {
            Peer::Server(server) => server.record(),
            Peer::Client(client) => client.record(),
        }
    }

    /// Whether nobody can answer any more: the port is free again, or the program has ended.
    fn is_gone(&self) -> Option<FailureKind> {
        match self {
            Peer::Server(server) => {
                let address = server.address();
                let is_free = address.ip().is_loopback()
                    && !crate::port::is_open(Transport::Udp, address.port());
                is_free.then_some(FailureKind::Refused)
            }
            Peer::Client(client) => client.has_ended().then_some(FailureKind::Closed),
        }
    }
}

fn shown(datagram: &[u8]) -> String {
    match datagram {
        [] => text!("an empty datagram").to_owned(),
        bytes => show::bytes(bytes),
    }
}

fn trouble(error: &std::io::Error) -> Failure {
    Failure::new(FailureKind::Mismatch, text!("a datagram socket"), error.to_string())
}
