//! `--model event`: one thread for all clients, which waits for none of them.
//!
//! ```text
//!             ┌─────────┐  recv, answer, send              ┌─────────┐
//!  accept ─┬▶ │ reading │ ─────────────┬───── no room ───▶ │ writing │
//!          │  └─────────┘ ◀─ all sent ─┘                   └─────────┘
//!          │    │     ▲                                         │ room again:
//!          │    │     └──────────────── all sent ───────────────┘ send the rest
//!          │    └ end of stream ──▶ closed
//!          └ too many: "busy: …" ─▶ leaving ─▶ closed
//! ```
//!
//! A thread that waits in `recv` for its client is a stack and a place in the scheduler, spent on
//! nothing. Here one call, `poll`, waits for all sockets at once and names those that are ready; no
//! other call waits. What a thread remembers by where it stands in its code has to be written down
//! instead, as a `State`. And whatever takes long would hold up everyone: no commands here.

use std::collections::HashMap;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr};
use std::time::{Duration, Instant};

use console::ServerLog;
use endpoint::{AcceptError, LingeringClose, Listener, Opening};
use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token};

use self::client::{Client, Next, State, if_ready};
use crate::{RECV_SIZE, Service, Totals, refusal};

mod client;

/// The listening socket's token. Clients have 1, 2 and so on, and no token is used again, so that
/// an event for a client that is gone finds nobody.
const LISTENER: Token = Token(0);

/// How many clients are accepted in one turn of the loop, before others have theirs.
const ACCEPT_BATCH: usize = 16;

/// How many times a client that is leaving is read from in one turn of the loop.
const DISCARD_BATCH: usize = 16;

/// The pause before `accept` is tried again when no descriptor is left.
const ACCEPT_RETRY_PAUSE: Duration = Duration::from_millis(100);

/// How often the loop looks, after Ctrl-C, whether the time for the last answers is over.
const STOP_POLL_INTERVAL: Duration = Duration::from_millis(100);

/// Serves all clients in this thread, with [`Service::Upper`] or [`Service::Reply`]. On Ctrl-C it
/// returns as soon as every answer is sent of which a part has been.
///
/// # Errors
/// When the listening socket itself fails, or the system cannot watch it.
pub fn serve(listener: &Listener, server_log: &ServerLog, service: &Service) -> io::Result<Totals> {
    let socket = listener.try_clone()?;
    socket.set_nonblocking(true)?;
    let outcome = EventLoop::new(listener, server_log, service).and_then(EventLoop::run);
    // All clones of a socket share this flag (O_NONBLOCK), and the caller's own `accept` waits.
    let as_it_was = socket.set_nonblocking(false);
    outcome.and_then(|totals| as_it_was.map(|()| totals))
}

struct EventLoop<'a> {
    listener: &'a Listener,
    server_log: &'a ServerLog,
    service: &'a Service,
    socket: TcpListener,
    poll: Poll,
    /// The clients that are served. To take one out is to drop it, and so to close its socket, and
    /// so to have `poll` watch it no longer.
    clients: HashMap<Token, Client>,
    /// The clients that have been told the last words, and when.
    leaving: HashMap<Token, (TcpStream, Instant)>,
    last_token: usize,
    /// One buffer serves all clients: what one recv brings is answered before the next recv.
    buffer: Vec<u8>,
    totals: Totals,
    /// When this turn of the loop began.
    now: Instant,
    /// When to look again for clients whose time is up.
    next_check: Instant,
}

impl<'a> EventLoop<'a> {
    fn new(
        listener: &'a Listener,
        server_log: &'a ServerLog,
        service: &'a Service,
    ) -> io::Result<EventLoop<'a>> {
        let mut socket = TcpListener::from_std(listener.try_clone()?.into());
        let poll = Poll::new()?;
        poll.registry().register(&mut socket, LISTENER, Interest::READABLE)?;
        let now = Instant::now();
        Ok(EventLoop {
            listener,
            server_log,
            service,
            socket,
            poll,
            clients: HashMap::new(),
            leaving: HashMap::new(),
            last_token: 0,
            buffer: vec![0; RECV_SIZE.min(listener.policy().limits.max_message)],
            totals: Totals::default(),
            now,
            next_check: now,
        })
    }

    /// In each turn, waits for events, and goes on with each socket until it would have to wait.
    fn run(mut self) -> io::Result<Totals> {
        let mut events = Events::with_capacity(1024);
        loop {
            let mut timeout = self.next_check.saturating_duration_since(self.now);
            if self.is_stopping() {
                timeout = timeout.min(STOP_POLL_INTERVAL);
            }
            match self.poll.poll(&mut events, Some(timeout)) {
                Err(error) if error.kind() != ErrorKind::Interrupted => return Err(error),
                _ => self.now = Instant::now(),
            }
            for event in &events {
                match event.token() {
                    LISTENER => self.accept()?,
                    token if self.leaving.contains_key(&token) => self.discard(token),
                    token => self.proceed(token, event.is_read_closed()),
                }
            }
            if self.now >= self.next_check {
                self.close_expired()?;
            }
            if self.is_stopping() && self.has_stopped() {
                return Ok(self.totals);
            }
        }
    }

    fn is_stopping(&self) -> bool {
        self.listener.policy().stop.is_requested()
    }

    /// Takes clients from the accept queue.
    fn accept(&mut self) -> io::Result<()> {
        for _ in 0..ACCEPT_BATCH {
            match self.socket.accept() {
                // The caller may be Ctrl-C itself, which wakes us in this way.
                _ if self.is_stopping() => return Ok(()),
                Ok((stream, peer)) => self.admit(stream, peer),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => match AcceptError::of(&error) {
                    AcceptError::Passing => {}
                    AcceptError::Exhausted => {
                        self.listener.tell_exhausted(&error);
                        self.next_check = self.next_check.min(self.now + ACCEPT_RETRY_PAUSE);
                        return Ok(());
                    }
                    AcceptError::Fatal => return Err(error),
                },
            }
        }
        // `poll` names a socket when something has come, and not again because something is left
        // (edge-triggered, epoll(7)). To register again is to be named for what is left, too.
        self.poll.registry().reregister(&mut self.socket, LISTENER, Interest::READABLE)
    }

    fn admit(&mut self, mut stream: TcpStream, peer: SocketAddr) {
        self.listener.recovered();
        let log = self.server_log.connected_from(peer);
        self.last_token = self.last_token.checked_add(1).unwrap_or(1);
        let token = Token(self.last_token);
        if let Err(error) = self.poll.registry().register(&mut stream, token, Interest::READABLE) {
            self.totals.refused += 1;
            return log.closed(&Err(error));
        }
        let limit = self.listener.policy().limits.max_connections;
        if self.clients.len() >= limit {
            self.totals.refused += 1;
            let why = refusal::all_taken(limit);
            log.note(format_args!("refused: {why}"));
            // Nothing has been sent yet, so there is room. The client may have left already.
            _ = stream.write(refusal::words(&why).as_bytes());
            return self.leave(token, stream);
        }
        let stream = self.listener.policy().traced(stream, peer);
        self.totals.served += 1;
        let (opening, state, since) = (Opening::default(), State::Reading, self.now);
        self.clients.insert(token, Client { stream, log, opening, state, since });
    }

    /// Goes on with a client; `ended` if no more will come from it than has come.
    fn proceed(&mut self, token: Token, ended: bool) {
        let stopping = self.is_stopping();
        let Some(client) = self.clients.get_mut(&token) else { return };
        let outcome = match client.proceed(self.service, &mut self.buffer, self.now, ended) {
            Ok(Next::Wait) => return,
            // After Ctrl-C nobody is asked for another request.
            Ok(Next::WaitFor(Interest::READABLE)) if stopping => Ok(()),
            Ok(Next::WaitFor(interest)) => {
                match self.poll.registry().reregister(client.stream.get_mut(), token, interest) {
                    Ok(()) => return,
                    failed => failed,
                }
            }
            Ok(Next::Close) => Ok(()),
            Err(error) => Err(error),
        };
        let Some(Client { stream, log, .. }) = self.clients.remove(&token) else { return };
        log.closed(&outcome);
        if stopping {
            self.leave(token, stream.into_inner());
        }
    }

    /// Hangs up on a client, as [`endpoint::Connection::lingering_close`] does: to close at once,
    /// with bytes from it unread, would reset the connection, and could undo the last words.
    fn leave(&mut self, token: Token, mut stream: TcpStream) {
        let registry = self.poll.registry();
        if self.leaving.len() < LingeringClose::CAPACITY
            && stream.shutdown(Shutdown::Write).is_ok()
            && registry.reregister(&mut stream, token, Interest::READABLE).is_ok()
        {
            self.leaving.insert(token, (stream, self.now));
        }
    }

    /// Reads and forgets what a client sends that is leaving, until it hangs up.
    fn discard(&mut self, token: Token) {
        let Some((stream, _)) = self.leaving.get_mut(&token) else { return };
        for _ in 0..DISCARD_BATCH {
            match if_ready(|| stream.read(&mut self.buffer)) {
                Ok(Some(1..)) => {}
                Ok(None) => return,
                Ok(Some(0)) | Err(_) => {
                    self.leaving.remove(&token);
                    return;
                }
            }
        }
        // Should this fail, the client is closed when its time is up.
        _ = self.poll.registry().reregister(stream, token, Interest::READABLE);
    }

    /// Closes the clients whose time is up: once a second, or as often as the time-outs need it.
    fn close_expired(&mut self) -> io::Result<()> {
        let (now, limits) = (self.now, &self.listener.policy().limits);
        let shortest = limits.idle_timeout.min(limits.message_timeout);
        self.next_check = now + shortest.clamp(Duration::from_millis(10), Duration::from_secs(1));
        for (_, client) in
            self.clients.extract_if(|_, client| client.expired(limits, now).is_some())
        {
            if let Some(expired) = client.expired(limits, now) {
                client.log.closed(&Err(io::Error::from(expired)));
            }
        }
        self.leaving.retain(|_, (_, since)| now.duration_since(*since) < LingeringClose::TIMEOUT);
        // Clients for whom no descriptor was left wait in the accept queue, and `poll` does not say
        // so again.
        self.accept()
    }

    /// After Ctrl-C, closes the clients that have no answer half sent; true if those were all.
    fn has_stopped(&mut self) -> bool {
        let abandoned = self.listener.policy().stop.is_abandoned();
        let may_go = |client: &Client| abandoned || matches!(client.state, State::Reading);
        for (_, client) in self.clients.extract_if(|_, client| may_go(client)) {
            client.log.closed_by_server();
        }
        abandoned || (self.clients.is_empty() && self.leaving.is_empty())
    }
}
