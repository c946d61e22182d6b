//! The loop: it waits for all sockets at once, and gives each connection its turn.
//!
//! ```text
//!   Acceptor ── a client and its upstream ──▶ Connection ──▶ closed
//!                                              ▲      │
//!                named by poll, or due: a turn └──────┘
//! ```
//!
//! Each socket is registered once, for everything, and edge-triggered: `poll` names it when something
//! changes, and a [`Side`](crate::side::Side) remembers that. So nothing is ever switched on or off,
//! and a turn in which a message passes costs no call but the `recv` and the `send`.

use std::collections::{BTreeSet, HashMap};
use std::io::{self, ErrorKind};
use std::mem;
use std::time::{Duration, Instant};

use fault::stream::{Direction, Link, Spec};
use mio::event::Event;
use mio::{Events, Poll, Token};

use crate::acceptor::Acceptor;
use crate::connecting::Pair;
use crate::connection::Connection;
use crate::flow::{BUFFER, Flow, Next, Tools};
use crate::pipe::Pipes;
use crate::side::Party;
use crate::{ConnectionId, End, Observer, Options, Route, Totals};

/// The time between two looks for those whose time is up, at least and at most.
const LOOKS: [Duration; 2] = [Duration::from_millis(10), Duration::from_secs(1)];

/// How often it is asked, after the request to stop, whether the time for connections is over.
const ASK_AGAIN: Duration = Duration::from_millis(100);

pub(crate) struct EventLoop {
    poll: Poll,
    options: Options,
    acceptor: Acceptor,
    /// The token of the waker, which follows those of the listeners.
    waker: usize,
    connections: HashMap<usize, Entry>,
    /// Whose turn it is.
    ready: Vec<usize>,
    /// Who is to have a turn at what time.
    timers: BTreeSet<(Instant, usize)>,
    next_look: Instant,
    totals: Totals,
}

struct Entry {
    connection: Connection,
    /// Whether it is among those whose turn it is.
    queued: bool,
    /// When it is to have a turn.
    timer: Option<Instant>,
}

/// What a token stands for. Each connection has two tokens, and none is used again: an event for a
/// connection that is gone finds nobody.
enum Named {
    Listener(usize),
    /// It has ended the wait, and that is all it is for.
    Waker,
    Side(usize, Party),
}

impl EventLoop {
    pub(crate) fn new(routes: Vec<Route>, options: Options) -> io::Result<(EventLoop, mio::Waker)> {
        let poll = Poll::new()?;
        let waker = routes.len();
        let first_name = (waker + 1).next_multiple_of(2);
        let registry = poll.registry().try_clone()?;
        let acceptor = Acceptor::new(routes, &options, first_name, registry)?;
        let wakes = mio::Waker::new(poll.registry(), Token(waker))?;
        let event_loop = EventLoop {
            poll,
            options,
            acceptor,
            waker,
            connections: HashMap::new(),
            ready: Vec::new(),
            timers: BTreeSet::new(),
            next_look: Instant::now(),
            totals: Totals::default(),
        };
        Ok((event_loop, wakes))
    }

    pub(crate) fn run(
        mut self,
        observer: &mut dyn Observer,
        is_stopping: &dyn Fn() -> bool,
        is_abandoned: &dyn Fn() -> bool,
    ) -> io::Result<Totals> {
        let mut tools = Tools {
            observer,
            buffer: vec![0; BUFFER],
            pipes: Pipes::default(),
            now: Instant::now(),
            look: self.options.look,
        };
        let outcome = self.run_with(&mut tools, is_stopping, is_abandoned);
        // The observer is told how each of them ended, even if it was by an error of the loop.
        self.acceptor.stop(&mut tools);
        self.close_where(|_| Some(End::Stopped), &mut tools);
        outcome.map(|()| Totals { refused: self.acceptor.refused(), ..self.totals })
    }

    fn run_with(
        &mut self,
        tools: &mut Tools<'_>,
        is_stopping: &dyn Fn() -> bool,
        is_abandoned: &dyn Fn() -> bool,
    ) -> io::Result<()> {
        let mut events = Events::with_capacity(1024);
        let mut stopping = false;
        loop {
            let wait = self.wait(Instant::now(), stopping);
            match self.poll.poll(&mut events, Some(wait)) {
                Err(error) if error.kind() != ErrorKind::Interrupted => return Err(error),
                _ => tools.now = Instant::now(),
            }
            if !stopping && is_stopping() {
                stopping = true;
                self.acceptor.stop(tools);
            }
            for event in &events {
                self.note(event, tools);
            }
            self.turn(tools)?;
            if stopping && (self.connections.is_empty() || is_abandoned()) {
                return Ok(());
            }
        }
    }

    /// How long `poll` may wait.
    fn wait(&self, now: Instant, stopping: bool) -> Duration {
        let turn = (!self.ready.is_empty()).then_some(now);
        let timer = self.timers.first().map(|&(due, _)| due);
        let stop = stopping.then(|| now + ASK_AGAIN);
        let others = [turn, timer, self.acceptor.due(now), stop];
        let next = others.into_iter().flatten().fold(self.next_look, Instant::min);
        next.saturating_duration_since(now)
    }

    /// Remembers what `poll` has said, and whose turn it is therefore.
    fn note(&mut self, event: &Event, tools: &mut Tools<'_>) {
        match self.named(event.token()) {
            Named::Listener(number) => self.acceptor.note(number),
            Named::Waker => {}
            Named::Side(name, party) => {
                if let Some(entry) = self.connections.get_mut(&name) {
                    entry.connection.side_mut(party).note(event);
                    entry.queue(name, &mut self.ready);
                } else if let Some(pair) = self.acceptor.check(name, event, tools) {
                    self.open(name, pair, tools);
                }
            }
        }
    }

    fn named(&self, Token(token): Token) -> Named {
        match token {
            _ if token < self.waker => Named::Listener(token),
            _ if token == self.waker => Named::Waker,
            _ if token % 2 == 0 => Named::Side(token, Party::Client),
            _ => Named::Side(token - 1, Party::Upstream),
        }
    }

    /// Bytes may go to and fro.
    fn open(&mut self, name: usize, pair: Pair, tools: &mut Tools<'_>) {
        let Pair { id, route, client, client_address, upstream, upstream_address } = pair;
        self.totals.connections += 1;
        tools.observer.opened(id, route, client_address, upstream_address);
        let flows = [Direction::Up, Direction::Down]
            .map(|direction| Flow::new(id, direction, self.link(id, direction), tools.now));
        let connection = Connection::new(id, [client, upstream], flows, tools.now);
        let entry = self.connections.entry(name);
        let entry = entry.insert_entry(Entry { connection, queued: false, timer: None });
        entry.into_mut().queue(name, &mut self.ready);
    }

    /// The faults of one direction of a connection; `None` if it has none.
    fn link(&self, ConnectionId(number): ConnectionId, direction: Direction) -> Option<Link> {
        let those = self.options.faults.iter().filter(|fault| fault.is_for(direction));
        let specs: Vec<Spec> = those.map(|fault| fault.spec.clone()).collect();
        // Each way through each connection has a seed of its own, far from those of its neighbours:
        // the multiplier is 2^64 divided by the golden ratio.
        let way = 2 * number + u64::from(direction == Direction::Down);
        let seed = self.options.seed ^ way.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        (!specs.is_empty()).then(|| Link::new(&specs, seed))
    }

    /// Everyone whose turn it is has it, once.
    fn turn(&mut self, tools: &mut Tools<'_>) -> io::Result<()> {
        self.acceptor.accept(self.connections.len(), tools)?;
        while let Some(&(due, name)) = self.timers.first().filter(|(due, _)| *due <= tools.now) {
            self.timers.remove(&(due, name));
            if let Some(entry) = self.connections.get_mut(&name) {
                entry.timer = None;
                entry.queue(name, &mut self.ready);
            }
        }
        for name in mem::take(&mut self.ready) {
            self.proceed(name, tools);
        }
        if tools.now >= self.next_look {
            self.look_round(tools);
        }
        Ok(())
    }

    fn proceed(&mut self, name: usize, tools: &mut Tools<'_>) {
        let Some(entry) = self.connections.get_mut(&name) else { return };
        entry.queued = false;
        match entry.connection.proceed(tools) {
            Err(end) => self.close(name, end, tools),
            // More is left: it is named again after all others.
            Ok(Next::Again) => entry.queue(name, &mut self.ready),
            Ok(Next::Wait) => {
                let due = entry.connection.due();
                let before = mem::replace(&mut entry.timer, due);
                if before != due {
                    before.map(|before| self.timers.remove(&(before, name)));
                    self.timers.extend(due.map(|due| (due, name)));
                }
            }
        }
    }

    fn close(&mut self, name: usize, end: End, tools: &mut Tools<'_>) {
        let Some(Entry { connection, timer, .. }) = self.connections.remove(&name) else { return };
        timer.map(|due| self.timers.remove(&(due, name)));
        let (id, summary) = connection.close(end, tools.now);
        self.totals.up += summary.up;
        self.totals.down += summary.down;
        tools.observer.closed(id, &summary);
    }

    /// Closes the connections for which this says how they end.
    fn close_where(&mut self, how: impl Fn(&Connection) -> Option<End>, tools: &mut Tools<'_>) {
        let end = |(&name, entry): (&usize, &Entry)| Some((name, how(&entry.connection)?));
        let mut over: Vec<_> = self.connections.iter().filter_map(end).collect();
        over.sort_by_key(|&(name, _)| name);
        for (name, end) in over {
            self.close(name, end, tools);
        }
    }

    /// Looks for those whose time is up.
    fn look_round(&mut self, tools: &mut Tools<'_>) {
        let Options { idle_timeout, connect_timeout, .. } = self.options;
        let [least, most] = LOOKS;
        let now = tools.now;
        self.next_look = now + idle_timeout.min(connect_timeout).clamp(least, most);
        self.acceptor.look_round(tools);
        let is_idle = |connection: &Connection| {
            now.saturating_duration_since(connection.active()) >= idle_timeout
        };
        self.close_where(|connection| is_idle(connection).then_some(End::IdleTimeout), tools);
    }
}

impl Entry {
    /// Puts it among those whose turn it is, once.
    fn queue(&mut self, name: usize, ready: &mut Vec<usize>) {
        if !mem::replace(&mut self.queued, true) {
            ready.push(name);
        }
    }
}
