//! The loop: it waits for all sockets at once, and gives each its turn.
//!
//! Each socket is registered once, and edge-triggered: `poll` names it when something has come, and that is
//! remembered until a recv would have to wait.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use fault::Direction;
use mio::{Events, Poll, Token};

use super::flow::Flow;
use super::flows::Flows;
use super::observer::{End, FlowId, Observer, Refusal, Totals};
use super::options::{Options, Route};
use super::port::Port;

/// The most datagrams of one socket before others have their turn.
const BATCH: usize = 64;

/// The longest datagram, in bytes: UDP's length has 16 bits (RFC 768).
const MAX_DATAGRAM: usize = 65_535;

/// The shortest and the longest time between two searches for flows whose time is up.
const TIMEOUT_CHECK_INTERVAL: [Duration; 2] = [Duration::from_millis(10), Duration::from_secs(1)];

pub(crate) struct EventLoop {
    poll: Poll,
    options: Options,
    ports: Vec<Port>,
    flows: Flows,
    /// The flows whose socket may have more than they got their turn for.
    readable: Vec<usize>,
    next_token: usize,
    next_timeout_check: Instant,
    /// Of which changes of the faults the flows have heard.
    faults_version: u64,
    totals: Totals,
}

/// What a turn needs.
struct Turn<'a> {
    observer: &'a mut dyn Observer,
    buffer: Vec<u8>,
    now: Instant,
    /// Asked before each datagram: with forty faults a single one may be much work.
    is_stopping: &'a dyn Fn() -> bool,
}

impl EventLoop {
    /// Watches the ports under the tokens 0, 1 and so on; then come the waker, and the flows.
    pub(crate) fn new(routes: Vec<Route>, options: Options) -> io::Result<(EventLoop, mio::Waker)> {
        let poll = Poll::new()?;
        let port = |(number, route)| Port::new(route, Token(number), poll.registry());
        let ports = routes.into_iter().enumerate().map(port).collect::<io::Result<Vec<_>>>()?;
        let waker = mio::Waker::new(poll.registry(), Token(ports.len()))?;
        let event_loop = EventLoop {
            poll,
            faults_version: options.faults.version(),
            options,
            next_token: ports.len() + 1,
            ports,
            flows: Flows::default(),
            readable: Vec::new(),
            next_timeout_check: Instant::now(),
            totals: Totals::default(),
        };
        Ok((event_loop, waker))
    }

    pub(crate) fn run(
        mut self,
        observer: &mut dyn Observer,
        is_stopping: &dyn Fn() -> bool,
    ) -> io::Result<Totals> {
        let (buffer, now) = (vec![0; MAX_DATAGRAM], Instant::now());
        let mut turn = Turn { observer, buffer, now, is_stopping };
        let mut events = Events::with_capacity(1024);
        let outcome = loop {
            match self.poll.poll(&mut events, Some(self.wait(Instant::now()))) {
                Err(error) if error.kind() != ErrorKind::Interrupted => break Err(error),
                _ => turn.now = Instant::now(),
            }
            if is_stopping() {
                break Ok(());
            }
            for event in &events {
                self.on_event(event.token().0);
            }
            self.turn(&mut turn);
        };
        for token in self.flows.tokens() {
            self.end(token, End::Stopped, &mut turn);
        }
        outcome.map(|()| self.totals)
    }

    /// How long `poll` may wait.
    fn wait(&self, now: Instant) -> Duration {
        let more = !self.readable.is_empty() || self.ports.iter().any(|port| port.readable);
        let others = [more.then_some(now), self.flows.next_timer()];
        let next = others.into_iter().flatten().fold(self.next_timeout_check, Instant::min);
        next.saturating_duration_since(now)
    }

    fn on_event(&mut self, token: usize) {
        if let Some(port) = self.ports.get_mut(token) {
            port.readable = true;
        } else if let Some(flow) = self.flows.get_mut(token)
            && !std::mem::replace(&mut flow.readable, true)
        {
            self.readable.push(token);
        }
    }

    fn turn(&mut self, turn: &mut Turn<'_>) {
        self.follow_faults(turn);
        for token in self.flows.due(turn.now) {
            self.with_flow(token, |flow, port| flow.send_due(port, (turn.observer, turn.now)));
        }
        for token in std::mem::take(&mut self.readable) {
            self.receive_answers(token, turn);
        }
        for number in 0..self.ports.len() {
            self.receive_requests(number, turn);
        }
        if turn.now >= self.next_timeout_check {
            let timeout = self.options.flow_timeout;
            let [shortest, longest] = TIMEOUT_CHECK_INTERVAL;
            self.next_timeout_check = turn.now + timeout.clamp(shortest, longest);
            for token in self.flows.silent_for(timeout, turn.now) {
                self.end(token, End::Silent, turn);
            }
        }
    }

    /// Has flows that last take on other faults.
    fn follow_faults(&mut self, turn: &mut Turn<'_>) {
        let version = self.options.faults.version();
        if version == std::mem::replace(&mut self.faults_version, version) {
            return;
        }
        let faults = self.options.faults.clone();
        for token in self.flows.tokens() {
            self.with_flow(token, |flow, port| {
                flow.follow(&faults, turn.now);
                flow.send_due(port, (turn.observer, turn.now));
            });
        }
    }

    /// Passes on what clients have sent to a port.
    fn receive_requests(&mut self, number: usize, turn: &mut Turn<'_>) {
        for _ in 0..BATCH {
            if (turn.is_stopping)() {
                return;
            }
            let Some(port) = self.ports.get_mut(number).filter(|port| port.readable) else {
                return;
            };
            let Some((length, way_back)) = port.receive(&mut turn.buffer) else { return };
            if self.is_own(way_back.to) {
                continue;
            }
            // The faults may have changed since this turn began, and what was sent after that is to have the
            // new ones.
            self.follow_faults(turn);
            let found = self.flows.find(number, way_back);
            let Some(token) = found.or_else(|| self.begin(number, way_back, turn)) else {
                continue;
            };
            let bytes = turn.buffer.get(..length).unwrap_or_default();
            self.with_flow(token, |flow, port| {
                flow.pass(Direction::Up, bytes, port, (turn.observer, turn.now));
            });
        }
    }

    /// Passes on what has come to a flow's own socket.
    fn receive_answers(&mut self, token: usize, turn: &mut Turn<'_>) {
        for _ in 0..BATCH {
            if (turn.is_stopping)() {
                return;
            }
            let Some(flow) = self.flows.get_mut(token) else { return };
            let Some(length) = flow.receive(&mut turn.buffer, turn.observer) else { return };
            self.follow_faults(turn);
            let bytes = turn.buffer.get(..length).unwrap_or_default();
            self.with_flow(token, |flow, port| {
                flow.pass(Direction::Down, bytes, port, (turn.observer, turn.now));
            });
        }
        self.readable.push(token);
    }

    /// Whether an answer to this sender would come back to this relay: one of its ports, or a flow's socket
    /// that was led to one. Nobody can be answered at port 0.
    fn is_own(&self, from: SocketAddr) -> bool {
        let is_port = |port: &Port| port.address == from;
        from.port() == 0 || self.flows.is_own(from) || self.ports.iter().any(is_port)
    }

    /// Begins a flow, by its token; `None` if there is no room for it.
    fn begin(
        &mut self,
        number: usize,
        way_back: endpoint::Route,
        turn: &mut Turn<'_>,
    ) -> Option<usize> {
        let most = self.options.max_flows;
        if self.flows.len() >= most {
            match self.flows.most_silent(turn.now) {
                Some(token) => self.end(token, End::MadeRoom, turn),
                None => return self.refuse(number, way_back, &Refusal::Full { most }, turn),
            }
        }
        let (id, token) = (FlowId(self.totals.flows + 1), self.next_token);
        let upstream = self.ports.get(number)?.upstream.clone();
        let flow = Flow::new((id, number), way_back, &upstream, &self.options.faults, turn.now)
            .and_then(|mut flow| flow.watch(Token(token), self.poll.registry()).map(|()| flow));
        let flow = match flow {
            Ok(flow) => flow,
            Err(error) => return self.refuse(number, way_back, &Refusal::Socket(error), turn),
        };
        self.next_token += 1;
        self.totals.flows += 1;
        turn.observer.opened(id, number, way_back.to, flow.upstream);
        self.flows.insert(token, flow);
        Some(token)
    }

    fn refuse(
        &mut self,
        number: usize,
        way_back: endpoint::Route,
        why: &Refusal,
        turn: &mut Turn<'_>,
    ) -> Option<usize> {
        self.totals.refused += 1;
        turn.observer.refused(number, way_back.to, why);
        None
    }

    /// Does something with a flow and the port of its client, and notes when it has something to send.
    fn with_flow(&mut self, token: usize, work: impl FnOnce(&mut Flow, &Port)) {
        let Some(flow) = self.flows.get_mut(token) else { return };
        let Some(port) = self.ports.get(flow.route) else { return };
        work(flow, port);
        self.flows.set_timer(token);
    }

    fn end(&mut self, token: usize, end: End, turn: &mut Turn<'_>) {
        let Some(flow) = self.flows.remove(token) else { return };
        let summary = flow.summary(end, turn.now);
        self.totals.up.add_all(summary.up);
        self.totals.down.add_all(summary.down);
        turn.observer.closed(flow.id, &summary);
    }
}
