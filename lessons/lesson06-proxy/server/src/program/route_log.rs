//! What the proxy says, whichever engine runs: a line for each thing that happens to a client, and
//! what `--hex` and `--frames` show of the bytes.
//!
//! ```text
//! 127.0.0.1:41234 connected to 127.0.0.1:8005
//! [8006] 127.0.0.1:41234 -> 5 bytes
//!     00000000  68 65 6c 6c 6f                                    |hello|
//! 127.0.0.1:41234 closed by client: 5 bytes up, 5 bytes down, 0.003 s
//! ```
//!
//! With several routes, each line begins with the port where the client came in.

use std::collections::HashMap;
use std::fmt::{self, Display, Write};
use std::io;
use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use console::{ServerLog, describe};
use endpoint::{Expired, Limits};
use fault::stream::Direction;
use relay::{ConnectionId, End, Refusal, Summary, Totals};
use trace::frames::Found;
use trace::hex;

use crate::program::view::{Finder, View};

/// Says what happens on one route, and counts it.
#[derive(Debug)]
pub(crate) struct RouteLog {
    port: u16,
    /// Whether there are other routes.
    several: bool,
    view: View,
    server_log: ServerLog,
    idle_timeout: Duration,
    /// The longest frame, in bytes.
    frame_limit: usize,
    totals: Mutex<Totals>,
}

/// What is known of one connection.
#[derive(Debug)]
pub(crate) struct ConnectionLog {
    client: SocketAddr,
    /// What was seen of each direction: up, and down.
    seen: [Mutex<Seen>; 2],
}

#[derive(Debug)]
struct Seen {
    bytes: u64,
    messages: Finder,
}

/// Says what happens on the routes of a relay, which names its connections by numbers.
#[derive(Debug)]
pub(crate) struct RelayLog<'r> {
    /// The log of each route, in the relay's order.
    routes: &'r [RouteLog],
    open: HashMap<ConnectionId, (&'r RouteLog, ConnectionLog)>,
}

impl RouteLog {
    /// A log for the clients that come in at `listening`, one of `several` such addresses or the
    /// only one.
    pub(crate) fn new(
        listening: SocketAddr,
        several: bool,
        view: View,
        limits: &Limits,
        server_log: &ServerLog,
    ) -> RouteLog {
        RouteLog {
            port: listening.port(),
            several,
            view,
            server_log: server_log.clone(),
            idle_timeout: limits.idle_timeout,
            frame_limit: limits.max_message,
            totals: Mutex::default(),
        }
    }

    /// Whether it shows the bytes, and so needs to see them.
    pub(crate) fn shows_bytes(&self) -> bool {
        self.view.hex || self.view.messages.is_some()
    }

    /// What has happened so far.
    pub(crate) fn totals(&self) -> Totals {
        *lock(&self.totals)
    }

    fn line(&self, client: SocketAddr, what: impl Display) {
        match self.several {
            true => self.server_log.line(format_args!("[{}] {client} {what}", self.port)),
            false => self.server_log.line(format_args!("{client} {what}")),
        }
    }

    fn end(&self, end: &End) -> String {
        match end {
            End::Client => "closed by client".to_owned(),
            End::Upstream => "closed by upstream".to_owned(),
            End::ClientReset(error) => broken_off("client", error),
            End::UpstreamReset(error) => broken_off("upstream", error),
            End::IdleTimeout => {
                format!("closed: {}", describe(&Expired::Idle(self.idle_timeout)))
            }
            End::Fault => "closed by a fault".to_owned(),
            End::FaultReset => "broken off by a fault".to_owned(),
            End::Stopped => "broken off by the proxy, which stops".to_owned(),
        }
    }

    /// What there is to be seen in a piece: lines, each with its end.
    fn show(&self, client: SocketAddr, way: Direction, seen: &mut Seen, piece: &[u8]) -> String {
        let (mut out, head) = (String::new(), self.head(client, way));
        // A String takes whatever is written to it.
        if self.view.hex {
            let count = Bytes(piece.len() as u64);
            _ = writeln!(out, "{head} {count}{}", hex::dump(seen.bytes, piece));
        }
        seen.bytes += piece.len() as u64;
        seen.messages.push(piece, &mut |found| {
            let next = if matches!(found, Found::Lost(_)) { "; relayed all the same" } else { "" };
            _ = writeln!(out, "{head} {found}{next}");
        });
        out
    }

    /// The port, who it is, and which way.
    fn head(&self, client: SocketAddr, direction: Direction) -> String {
        format!("[{}] {client} {}", self.port, arrow(direction))
    }

    /// What the log keeps of a connection to `upstream` that has been made for `client`.
    pub(crate) fn opened(&self, client: SocketAddr, upstream: SocketAddr) -> ConnectionLog {
        self.line(client, format_args!("connected to {upstream}"));
        let seen = |direction| {
            let messages = Finder::new(&self.view, direction, self.frame_limit);
            Mutex::new(Seen { bytes: 0, messages })
        };
        ConnectionLog { client, seen: [Direction::Up, Direction::Down].map(seen) }
    }

    /// This piece has come, and is about to be passed on.
    pub(crate) fn bytes(&self, log: &ConnectionLog, direction: Direction, piece: &[u8]) {
        if self.shows_bytes() {
            // The lock is held until the lines are in the log, so that they stay in their order.
            let mut seen = log.seen(direction);
            let shown = self.show(log.client, direction, &mut seen, piece);
            if !shown.is_empty() {
                console::say_detail(shown.trim_end());
            }
        }
    }

    /// What a fault has done.
    pub(crate) fn fault(&self, log: &ConnectionLog, direction: Direction, words: &str) {
        self.line(log.client, format_args!("fault {direction}: {words}"));
    }

    /// Both sides are closed.
    pub(crate) fn closed(&self, log: ConnectionLog, summary: &Summary) {
        for direction in [Direction::Up, Direction::Down] {
            let head = self.head(log.client, direction);
            let mut tell = |found: Found<'_>| console::say_detail(format_args!("{head} {found}"));
            let ending = log.seen(direction).messages.finish(&mut tell);
            if let Err(error) = ending {
                console::say_detail(format_args!("{head} {error}"));
            }
        }
        let Summary { up, down, duration, end } = summary;
        let (how, seconds) = (self.end(end), duration.as_secs_f64());
        let (up, down) = (Bytes(*up), Bytes(*down));
        self.line(log.client, format_args!("{how}: {up} up, {down} down, {seconds:.3} s"));
        let mut totals = lock(&self.totals);
        totals.connections += 1;
        totals.up += summary.up;
        totals.down += summary.down;
    }

    /// `client` is sent a reset.
    pub(crate) fn refused(&self, client: SocketAddr, why: &Refusal) {
        lock(&self.totals).refused += 1;
        let next = match why {
            Refusal::Unreachable { .. } => {
                "; is it running? It is called again for the next client"
            }
            Refusal::Full { .. } => " (--max-connections)",
            Refusal::Socket(_) | Refusal::Stopped => "",
        };
        self.line(client, format_args!("refused: {why}{next}"));
    }
}

impl ConnectionLog {
    fn seen(&self, direction: Direction) -> MutexGuard<'_, Seen> {
        let [up, down] = &self.seen;
        match direction {
            Direction::Up => lock(up),
            Direction::Down => lock(down),
        }
    }
}

impl<'r> RelayLog<'r> {
    /// A log for a relay whose routes have these logs, in this order.
    pub(crate) fn new(routes: &'r [RouteLog]) -> RelayLog<'r> {
        RelayLog { routes, open: HashMap::new() }
    }
}

impl relay::Observer for RelayLog<'_> {
    fn opened(&mut self, id: ConnectionId, route: usize, client: SocketAddr, upstream: SocketAddr) {
        if let Some(route) = self.routes.get(route) {
            self.open.insert(id, (route, route.opened(client, upstream)));
        }
    }

    fn refused(&mut self, route: usize, client: SocketAddr, why: &Refusal) {
        if let Some(route) = self.routes.get(route) {
            route.refused(client, why);
        }
    }

    fn bytes(&mut self, id: ConnectionId, direction: Direction, bytes: &[u8]) {
        if let Some((route, log)) = self.open.get(&id) {
            route.bytes(log, direction, bytes);
        }
    }

    fn fault(&mut self, id: ConnectionId, direction: Direction, words: &str) {
        if let Some((route, log)) = self.open.get(&id) {
            route.fault(log, direction, words);
        }
    }

    fn closed(&mut self, id: ConnectionId, summary: &Summary) {
        if let Some((route, log)) = self.open.remove(&id) {
            route.closed(log, summary);
        }
    }

    fn exhausted(&mut self, error: &io::Error) {
        console::say_at_once(format_args!(
            "cannot accept: {error}; clients wait in the accept queue until others leave"
        ));
    }
}

/// What a reset is called depends on when it is noticed, and on the system.
fn broken_off(by: &str, error: &io::Error) -> String {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, NotConnected};
    match error.kind() {
        BrokenPipe | ConnectionAborted | ConnectionReset | NotConnected => format!("reset by {by}"),
        _ => format!("broken off by {by}, {error}"),
    }
}

/// The last line: what became of everyone who called.
pub(crate) fn in_words(totals: &Totals) -> String {
    let Totals { connections, refused, up, down } = *totals;
    format!(
        "connections: {connections}, refused: {refused}, {} up, {} down",
        Bytes(up),
        Bytes(down)
    )
}

/// Which way something goes: `->` to the upstream, `<-` back.
pub(crate) fn arrow(direction: Direction) -> &'static str {
    match direction {
        Direction::Up => "->",
        Direction::Down => "<-",
    }
}

/// A number of bytes, in words.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bytes(pub(crate) u64);

impl Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} byte{}", self.0, if self.0 == 1 { "" } else { "s" })
    }
}

/// Nothing panics while it holds a lock; and if it did, these numbers would be none the worse for
/// it.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;

    use super::*;
    use crate::program::view::Messages;

    fn route_log(view: View) -> RouteLog {
        let listening = "127.0.0.1:8006".parse().unwrap();
        RouteLog::new(listening, false, view, &Limits::default(), &ServerLog::silent())
    }

    /// What is shown of these pieces.
    fn shown(view: View, pieces: &[(Direction, &[u8])]) -> String {
        let route = route_log(view);
        let client = "127.0.0.1:41234".parse().unwrap();
        let log = route.opened(client, "127.0.0.1:8005".parse().unwrap());
        let show =
            |&(way, piece): &(Direction, &[u8])| route.show(client, way, &mut log.seen(way), piece);
        pieces.iter().map(show).collect()
    }

    #[test]
    fn each_piece_is_shown_with_its_port_its_direction_and_its_place_in_the_stream() {
        let view = View { hex: true, messages: None };
        let pieces =
            [(Direction::Up, &b"hello"[..]), (Direction::Down, b"HELLO"), (Direction::Up, b"!")];
        let expected = "\
[8006] 127.0.0.1:41234 -> 5 bytes
    00000000  68 65 6c 6c 6f                                    |hello|
[8006] 127.0.0.1:41234 <- 5 bytes
    00000000  48 45 4c 4c 4f                                    |HELLO|
[8006] 127.0.0.1:41234 -> 1 byte
    00000005  21                                                |!|
";
        assert_eq!(shown(view, &pieces), expected);
    }

    #[test]
    fn the_frames_of_each_direction_are_found_for_themselves() {
        let view = View { hex: false, messages: Some(Messages::Frames) };
        let pieces = [
            (Direction::Up, &b"\x07\0\0\0echo"[..]),
            (Direction::Down, b"\x03\0\0"),
            (Direction::Up, b" hi"),
            (Direction::Down, b"\0hi\n"),
        ];
        let expected = "\
[8006] 127.0.0.1:41234 -> frame of 7 bytes \"echo hi\"
[8006] 127.0.0.1:41234 <- frame of 3 bytes \"hi\\n\"
";
        assert_eq!(shown(view, &pieces), expected);
    }

    #[test]
    fn requests_and_answers_may_be_framed_differently() {
        let messages = Some(Messages::Framed("line,>H".parse().unwrap()));
        let pieces = [
            (Direction::Up, &b"echo hi\r\nec"[..]),
            (Direction::Down, b"\0\x03hi"),
            (Direction::Up, b"ho\n"),
            (Direction::Down, b"\n\0\x01"),
        ];
        let expected = "\
[8006] 127.0.0.1:41234 -> frame of 7 bytes \"echo hi\"
[8006] 127.0.0.1:41234 -> frame of 4 bytes \"echo\"
[8006] 127.0.0.1:41234 <- frame of 3 bytes \"hi\\n\"
";
        assert_eq!(shown(View { hex: false, messages }, &pieces), expected);
    }

    #[test]
    fn who_wants_to_see_nothing_is_shown_nothing() {
        assert_eq!(shown(View::default(), &[(Direction::Up, b"hello")]), "");
        assert!(!route_log(View::default()).shows_bytes());
    }

    #[test]
    fn each_end_says_who_it_was() {
        let error = io::Error::from;
        for (end, words) in [
            (End::Client, "closed by client"),
            (End::Upstream, "closed by upstream"),
            (End::ClientReset(error(ErrorKind::BrokenPipe)), "reset by client"),
            (End::UpstreamReset(error(ErrorKind::ConnectionReset)), "reset by upstream"),
            (End::UpstreamReset(error(ErrorKind::TimedOut)), "broken off by upstream, timed out"),
            (End::IdleTimeout, "closed: silent for 10m (--idle-timeout)"),
            (End::Fault, "closed by a fault"),
            (End::FaultReset, "broken off by a fault"),
            (End::Stopped, "broken off by the proxy, which stops"),
        ] {
            assert_eq!(route_log(View::default()).end(&end), words);
        }
    }

    #[test]
    fn what_was_refused_and_what_was_passed_on_is_counted() {
        let route = route_log(View::default());
        let client = "127.0.0.1:41234".parse().unwrap();
        route.refused(client, &Refusal::Full { most: 1 });
        for _ in 0..2 {
            let log = route.opened(client, "127.0.0.1:8005".parse().unwrap());
            let duration = Duration::from_millis(3);
            route.closed(log, &Summary { up: 5, down: 36, duration, end: End::Client });
        }
        let words = "connections: 2, refused: 1, 10 bytes up, 72 bytes down";
        assert_eq!(in_words(&route.totals()), words);
    }
}
