//! From a client in an accept queue to two connected sockets, or to a refusal.
//!
//! ```text
//!   accept ──▶ connect to the first address ──▶ connected
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

use endpoint::AcceptError;
use mio::net::{TcpListener, TcpStream};
use mio::{Interest, Registry, Token};
use socket2::{Domain, Socket, Type};

use crate::connecting::{Connecting, PendingClient};
use crate::context::LoopContext;
use crate::observer::{ConnectionId, Refusal};
use crate::options::{Options, Route};
use crate::peer::reset;

/// The most clients of a listener that are accepted in a turn.
const ACCEPT_BATCH: usize = 16;

/// The pause before `accept` is tried again when no descriptor is left.
const ACCEPT_RETRY_PAUSE: Duration = Duration::from_millis(100);

/// The listening sockets, and the clients that wait for their upstream.
pub(crate) struct Acceptor {
    registry: Registry,
    listeners: Vec<Listening>,
    connecting: HashMap<usize, Connecting>,
    max_connections: usize,
    connect_timeout: Duration,
    /// Tokens of clients begin here.
    first_client: usize,
    next_client: usize,
    accepted: u64,
    refused: u64,
    /// A descriptor that is kept for the upstream of the next client.
    spare: Option<Socket>,
    /// When `accept` is tried again, after no descriptor was left.
    retry_at: Option<Instant>,
}

struct Listening {
    socket: TcpListener,
    upstream: Arc<[SocketAddr]>,
    /// Whether clients may wait in its accept queue.
    ready: bool,
}

impl Acceptor {
    /// Watches the listeners under the tokens 0, 1 and so on. Clients have even tokens from
    /// `first_client` on, and each upstream the odd one after that of its client.
    pub(crate) fn new(
        routes: Vec<Route>,
        options: &Options,
        first_client: usize,
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
            first_client,
            next_client: first_client,
            accepted: 0,
            refused: 0,
            spare: None,
            retry_at: None,
        })
    }

    /// How many clients were refused.
    pub(crate) fn refused(&self) -> u64 {
        self.refused
    }

    /// `poll` has named a listener.
    pub(crate) fn on_event(&mut self, listener: usize) {
        if let Some(listener) = self.listeners.get_mut(listener) {
            listener.ready = true;
        }
    }

    /// When there is something to do that `poll` will not name.
    pub(crate) fn due(&self, now: Instant) -> Option<Instant> {
        let ready = self.listeners.iter().any(|listener| listener.ready);
        ready.then(|| self.retry_at.unwrap_or(now))
    }

    /// Takes clients from the accept queues, in addition to so many connections; an error when a
    /// listening socket itself has failed.
    pub(crate) fn accept(
        &mut self,
        connections: usize,
        context: &mut LoopContext<'_>,
    ) -> io::Result<()> {
        if self.retry_at.is_some_and(|retry_at| context.now < retry_at) {
            return Ok(());
        }
        for number in 0..self.listeners.len() {
            for _ in 0..ACCEPT_BATCH {
                match self.accept_one(number) {
                    Ok(Some(pending)) => self.admit(pending, connections, context),
                    Ok(None) => break,
                    Err(error) => match AcceptError::of(&error) {
                        AcceptError::Passing => {}
                        AcceptError::Exhausted => {
                            self.pause(&error, context);
                            return Ok(());
                        }
                        AcceptError::Fatal => return Err(error),
                    },
                }
            }
        }
        Ok(())
    }

    /// The next client of a listener, if one waits.
    fn accept_one(&mut self, number: usize) -> io::Result<Option<PendingClient>> {
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
                Ok(Some(PendingClient {
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

    /// Pauses, because no descriptor is left, and closes what can be spared.
    fn pause(&mut self, error: &io::Error, context: &mut LoopContext<'_>) {
        context.pipes.clear();
        if self.retry_at.replace(context.now + ACCEPT_RETRY_PAUSE).is_none() {
            context.observer.exhausted(error);
        }
    }

    fn admit(&mut self, pending: PendingClient, connections: usize, context: &mut LoopContext<'_>) {
        if self.retry_at.take().is_some() {
            context.observer.recovered();
        }
        let most = self.max_connections;
        if self.connecting.len() + connections >= most {
            return self.refuse(pending, &Refusal::Full { most }, context);
        }
        let token = self.next_client;
        self.next_client = token.checked_add(2).unwrap_or(self.first_client);
        self.connect(token, pending, context);
    }

    /// Begins to connect to the next address of the upstream; refuses the client if there is none.
    fn connect(&mut self, token: usize, mut pending: PendingClient, context: &mut LoopContext<'_>) {
        while let Some(address) = pending.next_address() {
            match self.begin(token, address) {
                Ok(upstream) => {
                    let connecting = Connecting { pending, upstream, address, since: context.now };
                    self.connecting.insert(token, connecting);
                    return;
                }
                Err(error) => pending.tried.push((address, error)),
            }
        }
        let tried = mem::take(&mut pending.tried);
        self.refuse(pending, &Refusal::Unreachable { tried }, context);
    }

    fn begin(&mut self, token: usize, upstream: SocketAddr) -> io::Result<TcpStream> {
        let mut stream = match TcpStream::connect(upstream) {
            // For this case there is a spare one.
            Err(error) if AcceptError::of(&error) == AcceptError::Exhausted => {
                self.spare = None;
                TcpStream::connect(upstream)?
            }
            outcome => outcome?,
        };
        self.registry.register(&mut stream, Token(token + 1), interest())?;
        Ok(stream)
    }

    /// `poll` has named an upstream; returns it with its client, if it has accepted the connection.
    pub(crate) fn check(
        &mut self,
        token: usize,
        context: &mut LoopContext<'_>,
    ) -> Option<Connecting> {
        let connecting = self.connecting.remove(&token)?;
        match connecting.is_accepted() {
            Ok(true) => return self.open(token, connecting, context),
            Ok(false) => _ = self.connecting.insert(token, connecting),
            Err(error) => self.try_next(token, connecting, error, context),
        }
        None
    }

    fn open(
        &mut self,
        token: usize,
        mut connecting: Connecting,
        context: &mut LoopContext<'_>,
    ) -> Option<Connecting> {
        let watched = connecting.set_options().and_then(|()| {
            // The client is watched from now on: what it has sent before is named at once.
            self.registry.register(&mut connecting.pending.client, Token(token), interest())
        });
        match watched {
            Ok(()) => return Some(connecting),
            Err(error) => self.refuse(connecting.pending, &Refusal::Socket(error), context),
        }
        None
    }

    fn try_next(
        &mut self,
        token: usize,
        connecting: Connecting,
        error: io::Error,
        context: &mut LoopContext<'_>,
    ) {
        let Connecting { mut pending, upstream, address, .. } = connecting;
        // The next one needs its descriptor.
        drop(upstream);
        pending.tried.push((address, error));
        self.connect(token, pending, context);
    }

    /// Gives up the attempts to connect that have taken too long.
    pub(crate) fn check_timeouts(&mut self, context: &mut LoopContext<'_>) {
        let (now, timeout) = (context.now, self.connect_timeout);
        let is_late =
            |connecting: &Connecting| now.saturating_duration_since(connecting.since) >= timeout;
        let late: Vec<_> =
            self.connecting.extract_if(|_, connecting| is_late(connecting)).collect();
        for (token, connecting) in late {
            self.try_next(token, connecting, ErrorKind::TimedOut.into(), context);
        }
    }

    /// Closes the listening sockets, and the clients that have no upstream yet.
    pub(crate) fn stop(&mut self, context: &mut LoopContext<'_>) {
        self.listeners.clear();
        self.spare = None;
        for (_, connecting) in mem::take(&mut self.connecting) {
            self.refuse(connecting.pending, &Refusal::Stopped, context);
        }
    }

    /// Refuses with a reset, as the upstream's own kernel would have done. The end of a stream would
    /// say that an upstream is there, and has nothing to say.
    fn refuse(&mut self, pending: PendingClient, why: &Refusal, context: &mut LoopContext<'_>) {
        self.refused += 1;
        let PendingClient { route, client, address, .. } = pending;
        reset(client);
        context.observer.refused(route, address, why);
    }
}

/// What the sockets of a connection are watched for.
fn interest() -> Interest {
    let all = Interest::READABLE | Interest::WRITABLE;
    #[cfg(target_os = "linux")]
    let all = all | Interest::PRIORITY;
    all
}
