//! What the proxy says with `--udp`: a line for each thing that happens to a client, and what `--hex` shows of the
//! datagrams.
//!
//! ```text
//! 127.0.0.1:41234 flow to 127.0.0.1:8004
//! [8006] 127.0.0.1:41234 -> datagram of 5 bytes
//!     00000000  68 65 6c 6c 6f                                    |hello|
//! 127.0.0.1:41234 fault down: a datagram of 5 bytes is lost
//! 127.0.0.1:41234 flow ended: silent for 120s (--flow-timeout): 1 datagram (5 bytes) up, …
//! ```

use std::collections::HashMap;
use std::fmt::{self, Display};
use std::io;
use std::mem;
use std::net::SocketAddr;
use std::time::Duration;

use console::ServerLog;
use fault::Direction;
use relay::datagrams::{Count, End, FlowId, Observer, Refusal, Summary, Totals};
use trace::hex;

use crate::program::route_log::{Bytes, arrow};

/// Says what happens on all routes.
#[derive(Debug)]
pub(crate) struct FlowLog {
    /// The port of each route.
    pub(crate) ports: Vec<u16>,
    /// Whether each datagram is shown.
    pub(crate) hex: bool,
    pub(crate) flow_timeout: Duration,
    pub(crate) server_log: ServerLog,
    /// The route and the two ends of each flow.
    pub(crate) open: HashMap<FlowId, Ends>,
    /// Whether it has been said that a datagram was refused. In a flood that would be a line for each datagram.
    pub(crate) refusing: bool,
}

/// Between whom a flow is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ends {
    route: usize,
    client: SocketAddr,
    upstream: SocketAddr,
}

impl FlowLog {
    fn line(&self, route: usize, client: SocketAddr, what: impl Display) {
        match self.ports.get(route).filter(|_| self.ports.len() > 1) {
            Some(port) => self.server_log.line(format_args!("[{port}] {client} {what}")),
            None => self.server_log.line(format_args!("{client} {what}")),
        }
    }

    /// The same about a flow.
    fn note(&self, id: FlowId, what: impl Display) {
        if let Some(Ends { route, client, .. }) = self.open.get(&id) {
            self.line(*route, *client, what);
        }
    }
}

impl Observer for FlowLog {
    fn opened(&mut self, id: FlowId, route: usize, client: SocketAddr, upstream: SocketAddr) {
        self.refusing = false;
        self.open.insert(id, Ends { route, client, upstream });
        self.note(id, format_args!("flow to {upstream}"));
    }

    fn refused(&mut self, route: usize, client: SocketAddr, why: &Refusal) {
        if !mem::replace(&mut self.refusing, true) {
            let next = match why {
                Refusal::Full { .. } => " (--max-connections)",
                Refusal::Socket(_) => "",
            };
            let until = "the next ones are refused without a line, until a flow begins";
            self.line(route, client, format_args!("refused: {why}{next}; {until}"));
        }
    }

    fn datagram(&mut self, id: FlowId, direction: Direction, bytes: &[u8]) {
        let Some(Ends { route, client, .. }) = self.open.get(&id).filter(|_| self.hex) else {
            return;
        };
        let port = self.ports.get(*route).copied().unwrap_or_default();
        let (arrow, length) = (arrow(direction), Bytes(bytes.len() as u64));
        let dump = hex::dump(0, bytes);
        console::say_detail(format_args!("[{port}] {client} {arrow} datagram of {length}{dump}"));
    }

    fn fault(&mut self, id: FlowId, direction: Direction, bytes: usize, words: &str) {
        let length = Bytes(bytes as u64);
        self.note(id, format_args!("fault {direction}: a datagram of {length} {words}"));
    }

    fn lost(&mut self, id: FlowId, direction: Direction, bytes: usize, why: &io::Error) {
        let length = Bytes(bytes as u64);
        self.note(id, format_args!("lost {direction}: a datagram of {length}: {why}"));
    }

    fn unreachable(&mut self, id: FlowId, why: &io::Error) {
        if let Some(Ends { upstream, .. }) = self.open.get(&id) {
            let next = "is it running? What comes is sent there all the same";
            self.note(
                id,
                format_args!("nobody listens at the upstream, {upstream}: {why}; {next}"),
            );
        }
    }

    fn closed(&mut self, id: FlowId, summary: &Summary) {
        let Summary { up, down, duration, end } = *summary;
        let how = match end {
            End::Silent => format!("silent for {:?} (--flow-timeout)", self.flow_timeout),
            End::MadeRoom => {
                "silent, and another one needs its place (--max-connections)".to_owned()
            }
            End::Stopped => "the proxy stops".to_owned(),
        };
        let (up, down, seconds) = (Datagrams(up), Datagrams(down), duration.as_secs_f64());
        self.note(id, format_args!("flow ended: {how}: {up} up, {down} down, {seconds:.3} s"));
        self.open.remove(&id);
    }
}

/// The last line: what became of everyone who called.
pub(crate) fn in_words(totals: &Totals) -> String {
    let Totals { flows, refused, up, down } = *totals;
    let (up, down) = (Datagrams(up), Datagrams(down));
    format!("flows: {flows}, datagrams without a flow: {refused}, {up} up, {down} down")
}

/// A number of datagrams, in words.
struct Datagrams(Count);

impl Display for Datagrams {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Count { datagrams, bytes } = self.0;
        let s = if datagrams == 1 { "" } else { "s" };
        write!(f, "{datagrams} datagram{s} ({})", Bytes(bytes))
    }
}
