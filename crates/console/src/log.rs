//! A server's lines: one for each thing that happens to it or to a client.

use std::error::Error;
use std::fmt::Display;
use std::net::SocketAddr;

use endpoint::{Connection, Notice, Progress, Stop};
use trace::Observer;
use trace::text::Quoted;

use crate::explain::explain;
use crate::say::{say_at_once, say_detail, warn};

/// A server's log, on standard output.
#[derive(Debug, Clone)]
pub struct ServerLog {
    stop: Stop,
    quiet: bool,
}

/// The log of one client: `PEER connected`, `PEER recv 5 "hello"`, `PEER send 5 "HELLO"` and `PEER
/// closed by client`. As the conversation's observer it also tells the connection where each message
/// ends.
#[derive(Debug)]
pub struct Log {
    server: ServerLog,
    /// The peer's address as its lines begin; empty if there are none.
    peer: Box<str>,
    progress: Progress,
}

impl ServerLog {
    /// The log of a server that ends with `stop`; a quiet one says nothing of its clients.
    pub fn new(stop: Stop, quiet: bool) -> ServerLog {
        ServerLog { stop, quiet }
    }

    /// A log that writes nothing: for tests.
    pub fn silent() -> ServerLog {
        ServerLog::new(Stop::new(), true)
    }

    /// Writes `PEER connected`, and begins the log of this client.
    pub fn connected(&self, connection: &Connection) -> Log {
        self.begin(connection.peer(), connection.progress())
    }

    /// The same for a client whose socket is not a [`Connection`], such as one in an event loop.
    pub fn connected_from(&self, peer: SocketAddr) -> Log {
        self.begin(peer, Progress::default())
    }

    /// Begins the log of one exchange of datagrams with `peer`, which never connects and never closes.
    pub fn datagrams(&self, peer: SocketAddr) -> Log {
        self.log(peer, Progress::default())
    }

    /// Writes a line about clients, unless this log is quiet.
    pub fn line(&self, line: impl Display) {
        if !self.quiet {
            say_detail(line);
        }
    }

    fn begin(&self, peer: SocketAddr, progress: Progress) -> Log {
        let log = self.log(peer, progress);
        log.note("connected");
        log
    }

    fn log(&self, peer: SocketAddr, progress: Progress) -> Log {
        // To write an address costs as much as the rest of a line, so that is done once.
        let peer = if self.quiet { Box::default() } else { peer.to_string().into() };
        Log { server: self.clone(), peer, progress }
    }
}

/// Says what an endpoint tells of itself. A quiet server leaves out what concerns a single client.
pub(crate) fn notice(quiet: bool, notice: &Notice<'_>) {
    match notice {
        Notice::Listening(address) => say_at_once(format_args!("listening on {address}")),
        Notice::Exhausted(error) => say_at_once(format_args!(
            "cannot accept: {error}; clients wait in the accept queue until others leave (`ulimit \
             -n` allows more; --max-connections refuses them in words)"
        )),
        Notice::Fault { to, bytes, what } if !quiet => {
            warn(format_args!("fault: the {} bytes {} to {to}: {what}", bytes.len(), Quoted(bytes)))
        }
        _ => {}
    }
}

impl Log {
    /// Writes what else has happened to this client.
    pub fn note(&self, what: impl Display) {
        self.server.line(format_args!("{} {what}", self.peer));
    }

    /// Writes that the conversation has ended, and why.
    pub fn closed<E: Error + 'static>(self, outcome: &Result<(), E>) {
        match outcome {
            // This server shut the connection down, because the grace period was over.
            Err(_) if self.server.stop.is_abandoned() => {
                self.note("closed by server: its time was up")
            }
            Err(error) => self.note(format_args!("closed: {}", explain(error))),
            Ok(()) if self.server.stop.is_requested() => self.note("closed by server"),
            Ok(()) => self.note("closed by client"),
        }
    }

    /// Writes that this server ended the conversation, as it should.
    pub fn closed_by_server(self) {
        self.note("closed by server");
    }

    fn message(&self, call: &str, message: &[u8]) {
        // A quiet server must not quote messages: that costs more than to send them.
        if !self.server.quiet {
            self.note(format_args!("{call} {} {}", message.len(), Quoted(message)));
        }
    }
}

impl Observer for Log {
    fn received(&mut self, message: &[u8]) {
        self.progress.received(message);
        self.message("recv", message);
    }

    fn sent(&mut self, message: &[u8]) {
        self.progress.sent(message);
        self.message("send", message);
    }

    fn advanced(&mut self) {
        self.progress.advanced();
    }
}
