//! The loop: it waits for all sockets at once, and gives each connection its turn.
//!
//! ```text
//!   Acceptor ── a client and its upstream ──▶ Connection ──▶ closed
//!                                              ▲      │
//!                named by poll, or due: a turn └──────┘
//! ```
//!
//! Each socket is registered once, for everything, and edge-triggered: `poll` names it when something
//! changes, and a [`PeerSocket`] remembers that. So nothing is ever
//! switched on or off, and a turn in which a message passes costs no call but the `recv` and the
//! `send`.

use std::collections::{BTreeSet, HashMap};
use std::io::{self, ErrorKind};
use std::mem;
use std::time::{Duration, Instant};

use fault::stream::{Direction, LiveLink};
use mio::event::Event;
use mio::{Events, Poll, Token};

use crate::acceptor::Acceptor;
use crate::connecting::{Connecting, PendingClient};
use crate::connection::Connection;
use crate::context::{LoopContext, RECEIVE_BUFFER};
use crate::flow::{Flow, Progress};
use crate::observer::{End, Observer, Totals};
use crate::options::{Options, Route};
use crate::peer::{Peer, PeerSocket};
use crate::pipe::Pipes;

/// The shortest and the longest time between two searches for connections whose time is up.
const TIMEOUT_CHECK_INTERVAL: [Duration; 2] = [Duration::from_millis(10), Duration::from_secs(1)];

/// The time between two questions, once the relay is to stop, whether the remaining connections are
/// abandoned.
const ABANDON_CHECK_INTERVAL: Duration = Duration::from_millis(100);

pub(crate) struct EventLoop {
    poll: Poll,
    options: Options,
    acceptor: Acceptor,
    /// The token of the waker, which follows those of the listeners.
    waker: usize,
    /// By the token of the client's socket.
    connections: HashMap<usize, Entry>,
    /// The connections whose turn it is.
    ready: Vec<usize>,
    /// The connections that are to have a turn at a certain time.
    timers: BTreeSet<(Instant, usize)>,
    next_timeout_check: Instant,
    /// Of which changes of the faults the connections have heard.
    faults_version: u64,
    totals: Totals,
}

struct Entry {
    connection: Connection,
    /// Whether the connection is among those whose turn it is.
    queued: bool,
    /// When the connection is to have a turn.
    timer: Option<Instant>,
}

/// What an event is about. Each connection has two tokens, and none is used again, so that an event
/// for a connection that is gone is ignored.
enum TokenOwner {
    Listener(usize),
    /// The waker has ended the wait, and is there for nothing else: every turn asks whether to stop, and whether
    /// the faults have changed.
    Waker,
    /// One peer of a connection, which is known by the token of its client.
    Peer(usize, Peer),
}

impl EventLoop {
    pub(crate) fn new(routes: Vec<Route>, options: Options) -> io::Result<(EventLoop, mio::Waker)> {
        let poll = Poll::new()?;
        let waker = routes.len();
        let first_client = (waker + 1).next_multiple_of(2);
        let registry = poll.registry().try_clone()?;
        let acceptor = Acceptor::new(routes, &options, first_client, registry)?;
        let mio_waker = mio::Waker::new(poll.registry(), Token(waker))?;
        let event_loop = EventLoop {
            poll,
            faults_version: options.faults.version(),
            options,
            acceptor,
            waker,
            connections: HashMap::new(),
            ready: Vec::new(),
            timers: BTreeSet::new(),
            next_timeout_check: Instant::now(),
            totals: Totals::default(),
        };
        Ok((event_loop, mio_waker))
    }

    pub(crate) fn run(
        mut self,
        observer: &mut dyn Observer,
        is_stopping: &dyn Fn() -> bool,
        is_abandoned: &dyn Fn() -> bool,
    ) -> io::Result<Totals> {
        let mut context = LoopContext {
            observer,
            buffer: vec![0; RECEIVE_BUFFER],
            pipes: Pipes::default(),
            now: Instant::now(),
            observes_bytes: self.options.observes_bytes,
        };
        let outcome = self.run_with(&mut context, is_stopping, is_abandoned);
        // The observer is told how each of them ended, even if it was by an error of the loop.
        self.acceptor.stop(&mut context);
        self.close_where(|_| Some(End::Stopped), &mut context);
        outcome.map(|()| Totals { refused: self.acceptor.refused(), ..self.totals })
    }

    fn run_with(
        &mut self,
        context: &mut LoopContext<'_>,
        is_stopping: &dyn Fn() -> bool,
        is_abandoned: &dyn Fn() -> bool,
    ) -> io::Result<()> {
        let mut events = Events::with_capacity(1024);
        let mut stopping = false;
        loop {
            let wait = self.wait(Instant::now(), stopping);
            match self.poll.poll(&mut events, Some(wait)) {
                Err(error) if error.kind() != ErrorKind::Interrupted => return Err(error),
                _ => context.now = Instant::now(),
            }
            if !stopping && is_stopping() {
                stopping = true;
                self.acceptor.stop(context);
            }
            for event in &events {
                self.on_event(event, context);
            }
            self.turn(context)?;
            if stopping && (self.connections.is_empty() || is_abandoned()) {
                return Ok(());
            }
        }
    }

    /// How long `poll` may wait.
    fn wait(&self, now: Instant, stopping: bool) -> Duration {
        let turn = (!self.ready.is_empty()).then_some(now);
        let timer = self.timers.first().map(|&(due, _)| due);
        let stop = stopping.then(|| now + ABANDON_CHECK_INTERVAL);
        let others = [turn, timer, self.acceptor.due(now), stop];
        let next = others.into_iter().flatten().fold(self.next_timeout_check, Instant::min);
        next.saturating_duration_since(now)
    }

    /// Remembers what `poll` has said, and whose turn it is therefore.
    fn on_event(&mut self, event: &Event, context: &mut LoopContext<'_>) {
        match self.owner_of(event.token()) {
            TokenOwner::Listener(number) => self.acceptor.on_event(number),
            TokenOwner::Waker => {}
            TokenOwner::Peer(client, peer) => {
                if let Some(entry) = self.connections.get_mut(&client) {
                    entry.connection.socket_mut(peer).on_event(event);
                    entry.queue(client, &mut self.ready);
                } else if let Some(connecting) = self.acceptor.check(client, context) {
                    self.open(client, connecting, event, context);
                }
            }
        }
    }

    fn owner_of(&self, Token(token): Token) -> TokenOwner {
        match token {
            _ if token < self.waker => TokenOwner::Listener(token),
            _ if token == self.waker => TokenOwner::Waker,
            _ if token % 2 == 0 => TokenOwner::Peer(token, Peer::Client),
            _ => TokenOwner::Peer(token - 1, Peer::Upstream),
        }
    }

    /// Begins to pass bytes between the two sockets. The event that has named the upstream may say
    /// more than that it has accepted.
    fn open(
        &mut self,
        token: usize,
        connecting: Connecting,
        event: &Event,
        context: &mut LoopContext<'_>,
    ) {
        let Connecting { pending, upstream, address: upstream_address, .. } = connecting;
        let PendingClient { id, route, client, address: client_address, .. } = pending;
        let (client, mut upstream) = (PeerSocket::new(client), PeerSocket::new(upstream));
        upstream.on_event(event);
        self.totals.connections += 1;
        context.observer.opened(id, route, client_address, upstream_address);
        let flows = [Direction::Up, Direction::Down].map(|direction| {
            let link = LiveLink::new(self.options.faults.clone(), id.0, direction);
            Flow::new(id, direction, link, context.now)
        });
        let connection = Connection::new(id, [client, upstream], flows, context.now);
        let entry = self.connections.entry(token);
        let entry = entry.insert_entry(Entry { connection, queued: false, timer: None });
        entry.into_mut().queue(token, &mut self.ready);
    }

    /// Gives each connection whose turn it is its turn, once.
    fn turn(&mut self, context: &mut LoopContext<'_>) -> io::Result<()> {
        self.acceptor.accept(self.connections.len(), context)?;
        self.follow_faults();
        while let Some(&(due, token)) = self.timers.first().filter(|(due, _)| *due <= context.now) {
            self.timers.remove(&(due, token));
            if let Some(entry) = self.connections.get_mut(&token) {
                entry.timer = None;
                entry.queue(token, &mut self.ready);
            }
        }
        for token in mem::take(&mut self.ready) {
            self.proceed(token, context);
        }
        if context.now >= self.next_timeout_check {
            self.check_timeouts(context);
        }
        Ok(())
    }

    /// Gives every connection a turn when the faults have changed: what is on its way leaves then.
    fn follow_faults(&mut self) {
        let version = self.options.faults.version();
        if version != mem::replace(&mut self.faults_version, version) {
            for (&token, entry) in &mut self.connections {
                entry.queue(token, &mut self.ready);
            }
        }
    }

    fn proceed(&mut self, token: usize, context: &mut LoopContext<'_>) {
        let Some(entry) = self.connections.get_mut(&token) else { return };
        entry.queued = false;
        match entry.connection.proceed(context) {
            Err(end) => self.close(token, end, context),
            // More is left to do, after all others had their turn.
            Ok(Progress::Yielded) => entry.queue(token, &mut self.ready),
            Ok(Progress::Blocked) => {
                let due = entry.connection.due();
                let before = mem::replace(&mut entry.timer, due);
                if before != due {
                    before.map(|before| self.timers.remove(&(before, token)));
                    self.timers.extend(due.map(|due| (due, token)));
                }
            }
        }
    }

    fn close(&mut self, token: usize, end: End, context: &mut LoopContext<'_>) {
        let Some(Entry { connection, timer, .. }) = self.connections.remove(&token) else { return };
        timer.map(|due| self.timers.remove(&(due, token)));
        let (id, summary) = connection.close(end, context.now);
        self.totals.up += summary.up;
        self.totals.down += summary.down;
        context.observer.closed(id, &summary);
    }

    /// Closes the connections for which this says how they end.
    fn close_where(
        &mut self,
        how: impl Fn(&Connection) -> Option<End>,
        context: &mut LoopContext<'_>,
    ) {
        let end = |(&token, entry): (&usize, &Entry)| Some((token, how(&entry.connection)?));
        let mut ended: Vec<_> = self.connections.iter().filter_map(end).collect();
        ended.sort_by_key(|&(token, _)| token);
        for (token, end) in ended {
            self.close(token, end, context);
        }
    }

    /// Ends the attempts to connect and the connections whose time is up.
    fn check_timeouts(&mut self, context: &mut LoopContext<'_>) {
        let Options { idle_timeout, connect_timeout, .. } = self.options;
        let [shortest, longest] = TIMEOUT_CHECK_INTERVAL;
        let now = context.now;
        self.next_timeout_check = now + idle_timeout.min(connect_timeout).clamp(shortest, longest);
        self.acceptor.check_timeouts(context);
        let is_idle = |connection: &Connection| {
            now.saturating_duration_since(connection.active()) >= idle_timeout
        };
        self.close_where(|connection| is_idle(connection).then_some(End::IdleTimeout), context);
    }
}

impl Entry {
    /// Puts the connection among those whose turn it is, once.
    fn queue(&mut self, token: usize, ready: &mut Vec<usize>) {
        if !mem::replace(&mut self.queued, true) {
            ready.push(token);
        }
    }
}
