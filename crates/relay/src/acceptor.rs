//! From a client in an accept queue to two connected sockets, or to a refusal.
//!
//! ```text
//!   accept ──▶ connect to the first address ──▶ Pair
//!      │              │ fails     ▲ the next address
//!      │              ▼           │
//!      │         is there another one? ── no ──▶ refused
//!      └ too many ──▶ refused
//! ```

use std::collections::HashMap;
use std::io::{self, ErrorKind};
use std::mem;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use mio::event::Event;
use mio::net::{TcpListener, TcpStream};
use mio::{Interest, Registry, Token};
use socket2::{Domain, Socket, Type};

use crate::connecting::{Candidate, Connecting, Pair};
use crate::flow::Tools;
use crate::side::reset;
use crate::{ConnectionId, Options, Refusal, Route};

/// How many clients of a listener are accepted in a turn.
const IN_A_ROW: usize = 16;

/// The pause before `accept` is tried again when no descriptor is left.
const AGAIN: Duration = Duration::from_millis(100);

/// The listening sockets, and the clients that wait for their upstream.
pub(crate) struct Acceptor {
    registry: Registry,
    listeners: Vec<Listening>,
    connecting: HashMap<usize, Connecting>,
    max_connections: usize,
    connect_timeout: Duration,
    first_name: usize,
    next_name: usize,
    accepted: u64,
    refused: u64,
    /// A descriptor that is kept for the upstream of the next client.
    spare: Option<Socket>,
    /// When `accept` is tried again, after no descriptor was left.
    exhausted: Option<Instant>,
}

struct Listening {
    socket: TcpListener,
    upstream: Arc<[SocketAddr]>,
    /// Whether clients may wait in its accept queue.
    ready: bool,
}

impl Acceptor {
    /// Watches the listeners under the names 0, 1 and so on. Clients have even names from
    /// `first_name` on, and their upstreams the odd ones behind these.
    pub(crate) fn new(
        routes: Vec<Route>,
        options: &Options,
        first_name: usize,
        registry: Registry,
    ) -> io::Result<Acceptor> {
        let mut listeners = Vec::new();
        for Route { listener, upstream } in routes {
            if upstream.is_empty() {
                let why = "a route without an address of an upstream";
                return Err(io::Error::new(ErrorKind::InvalidInput, why));
            }
            listener.set_nonblocking(true)?;
            let mut socket = TcpListener::from_std(listener.into());
            registry.register(&mut socket, Token(listeners.len()), Interest::READABLE)?;
            listeners.push(Listening { socket, upstream: upstream.into(), ready: true });
        }
        Ok(Acceptor {
            registry,
            listeners,
            connecting: HashMap::new(),
            max_connections: options.max_connections,
            connect_timeout: options.connect_timeout,
            first_name,
            next_name: first_name,
            accepted: 0,
            refused: 0,
            spare: None,
            exhausted: None,
        })
    }

    /// How many clients were refused.
    pub(crate) fn refused(&self) -> u64 {
        self.refused
    }

    /// `poll` has named a listener.
    pub(crate) fn note(&mut self, listener: usize) {
        if let Some(listener) = self.listeners.get_mut(listener) {
            listener.ready = true;
        }
    }

    /// When it has something to do that `poll` will not name.
    pub(crate) fn due(&self, now: Instant) -> Option<Instant> {
        let ready = self.listeners.iter().any(|listener| listener.ready);
        ready.then(|| self.exhausted.unwrap_or(now))
    }

    /// Takes clients from the accept queues, in addition to so many connections; an error when a
    /// listening socket itself has failed.
    pub(crate) fn accept(&mut self, connections: usize, tools: &mut Tools<'_>) -> io::Result<()> {
        if self.exhausted.is_some_and(|again| tools.now < again) {
            return Ok(());
        }
        for number in 0..self.listeners.len() {
            for _ in 0..IN_A_ROW {
                match self.accept_one(number) {
                    Ok(Some(candidate)) => self.admit(candidate, connections, tools),
                    Ok(None) => break,
                    Err(error) if is_passing(&error) => {}
                    Err(error) if is_exhausted(&error) => {
                        self.pause(&error, tools);
                        return Ok(());
                    }
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(())
    }

    /// The next client of a listener, if one waits.
    fn accept_one(&mut self, number: usize) -> io::Result<Option<Candidate>> {
        let Some(listener) = self.listeners.get_mut(number).filter(|l| l.ready) else {
            return Ok(None);
        };
        // A client takes two descriptors. If there is only one, it stays in the accept queue: had it
        // been accepted, it would have to be closed, as there is none for its upstream.
        if self.spare.is_none() {
            let domain = Domain::for_address(listener.socket.local_addr()?);
            self.spare = Some(Socket::new(domain, Type::DGRAM, None)?);
        }
        match listener.socket.accept() {
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                listener.ready = false;
                Ok(None)
            }
            Err(error) => Err(error),
            Ok((client, address)) => {
                self.accepted += 1;
                Ok(Some(Candidate {
                    id: ConnectionId(self.accepted),
                    route: number,
                    client,
                    address,
                    upstream: listener.upstream.clone(),
                    tried: Vec::new(),
                }))
            }
        }
    }

    /// No descriptor is left: those that nobody needs are given back, and the others get some time.
    fn pause(&mut self, error: &io::Error, tools: &mut Tools<'_>) {
        tools.pipes.clear();
        if self.exhausted.replace(tools.now + AGAIN).is_none() {
            tools.observer.exhausted(error);
        }
    }

    fn admit(&mut self, candidate: Candidate, connections: usize, tools: &mut Tools<'_>) {
        if self.exhausted.take().is_some() {
            tools.observer.recovered();
        }
        let most = self.max_connections;
        if self.connecting.len() + connections >= most {
            return self.refuse(candidate, &Refusal::Full { most }, tools);
        }
        let name = self.next_name;
        self.next_name = name.checked_add(2).unwrap_or(self.first_name);
        self.connect(name, candidate, tools);
    }

    /// Begins to connect to the next address of the upstream; refuses the client if there is none.
    fn connect(&mut self, name: usize, mut candidate: Candidate, tools: &mut Tools<'_>) {
        while let Some(address) = candidate.next_address() {
            match self.begin(name, address) {
                Ok(upstream) => {
                    let connecting = Connecting { candidate, upstream, address, since: tools.now };
                    self.connecting.insert(name, connecting);
                    return;
                }
                Err(error) => candidate.tried.push((address, error)),
            }
        }
        let tried = mem::take(&mut candidate.tried);
        self.refuse(candidate, &Refusal::Unreachable { tried }, tools);
    }

    fn begin(&mut self, name: usize, upstream: SocketAddr) -> io::Result<TcpStream> {
        let mut stream = match TcpStream::connect(upstream) {
            // This is what the spare one is for.
            Err(error) if is_exhausted(&error) => {
                self.spare = None;
                TcpStream::connect(upstream)?
            }
            outcome => outcome?,
        };
        self.registry.register(&mut stream, Token(name + 1), all())?;
        Ok(stream)
    }

    /// `poll` has named an upstream; returns it with its client, if it has accepted the connection.
    pub(crate) fn check(
        &mut self,
        name: usize,
        event: &Event,
        tools: &mut Tools<'_>,
    ) -> Option<Pair> {
        let connecting = self.connecting.remove(&name)?;
        match connecting.is_accepted() {
            Ok(true) => self.open(name, connecting, event, tools),
            Ok(false) => {
                self.connecting.insert(name, connecting);
                None
            }
            Err(error) => {
                self.try_next(name, connecting, error, tools);
                None
            }
        }
    }

    fn open(
        &mut self,
        name: usize,
        mut connecting: Connecting,
        event: &Event,
        tools: &mut Tools<'_>,
    ) -> Option<Pair> {
        let watched = connecting.set_options().and_then(|()| {
            // Not earlier: what the client has sent before is named now.
            self.registry.register(&mut connecting.candidate.client, Token(name), all())
        });
        match watched {
            Ok(()) => Some(connecting.into_pair(event)),
            Err(error) => {
                self.refuse(connecting.candidate, &Refusal::Socket(error), tools);
                None
            }
        }
    }

    fn try_next(
        &mut self,
        name: usize,
        connecting: Connecting,
        error: io::Error,
        tools: &mut Tools<'_>,
    ) {
        let Connecting { mut candidate, upstream, address, .. } = connecting;
        // The next one needs its descriptor.
        drop(upstream);
        candidate.tried.push((address, error));
        self.connect(name, candidate, tools);
    }

    /// Gives up the attempts that have taken too long.
    pub(crate) fn look_round(&mut self, tools: &mut Tools<'_>) {
        let (now, timeout) = (tools.now, self.connect_timeout);
        let is_late =
            |connecting: &Connecting| now.saturating_duration_since(connecting.since) >= timeout;
        let late: Vec<_> =
            self.connecting.extract_if(|_, connecting| is_late(connecting)).collect();
        for (name, connecting) in late {
            self.try_next(name, connecting, ErrorKind::TimedOut.into(), tools);
        }
    }

    /// Closes the listening sockets, and the clients that have no upstream yet.
    pub(crate) fn stop(&mut self, tools: &mut Tools<'_>) {
        self.listeners.clear();
        self.spare = None;
        for (_, connecting) in mem::take(&mut self.connecting) {
            self.refuse(connecting.candidate, &Refusal::Stopped, tools);
        }
    }

    /// A reset says that nobody is there, as the upstream's own kernel would have said. The end of a
    /// stream would say that somebody is, and has nothing to say.
    fn refuse(&mut self, candidate: Candidate, why: &Refusal, tools: &mut Tools<'_>) {
        self.refused += 1;
        let Candidate { route, client, address, .. } = candidate;
        reset(client);
        tools.observer.refused(route, address, why);
    }
}

/// What a socket of a connection is watched for.
fn all() -> Interest {
    let all = Interest::READABLE | Interest::WRITABLE;
    #[cfg(target_os = "linux")]
    let all = all | Interest::PRIORITY;
    all
}

/// The process or the system has no descriptor left, or no memory for a socket: EMFILE, ENFILE,
/// ENOBUFS, ENOMEM of accept(2).
fn is_exhausted(error: &io::Error) -> bool {
    // 24 and 23 on Linux, macOS and the BSDs; ENOBUFS is 105 on Linux; then Windows' own.
    let numbers = [23, 24, 105, 10024, 10055];
    error.kind() == ErrorKind::OutOfMemory
        || error.raw_os_error().is_some_and(|number| numbers.contains(&number))
}

/// The client was gone already, or a firewall forbids it: accept(2) hands over the connection's own
/// errors. The next client may be better.
fn is_passing(error: &io::Error) -> bool {
    use ErrorKind::{
        ConnectionAborted, ConnectionReset, HostUnreachable, Interrupted, NetworkDown,
        NetworkUnreachable, PermissionDenied, TimedOut,
    };
    matches!(
        error.kind(),
        ConnectionAborted
            | ConnectionReset
            | HostUnreachable
            | Interrupted
            | NetworkDown
            | NetworkUnreachable
            | PermissionDenied
            | TimedOut
    )
}
