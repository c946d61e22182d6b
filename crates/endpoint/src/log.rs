//! A server's line for each thing that happens.

use std::error::Error;
use std::fmt::Display;
use std::net::SocketAddr;

use trace::{Observer, text};

use crate::connection::Progress;
use crate::{Stop, report};

/// Writes `PEER connected`, `PEER recv 5 "hello"`, `PEER send 5 "HELLO"` and `PEER closed by client`
/// on standard output, and tells the connection where each message ends.
#[derive(Debug)]
pub struct Log {
    peer: SocketAddr,
    progress: Progress,
    stop: Stop,
}

impl Log {
    pub(crate) fn new(peer: SocketAddr, progress: Progress, stop: Stop) -> Log {
        let log = Log { peer, progress, stop };
        log.line("connected");
        log
    }

    /// Writes that the conversation has ended, and why.
    pub fn closed<E: Error + 'static>(self, outcome: &Result<(), E>) {
        match outcome {
            Err(error) => self.line(format_args!("closed: {}", report::explain(error))),
            Ok(()) if self.stop.is_requested() => self.line("closed by server"),
            Ok(()) => self.line("closed by client"),
        }
    }

    /// Writes that this server ended the conversation, as it should.
    pub fn closed_by_server(self) {
        self.line("closed by server");
    }

    fn line(&self, what: impl Display) {
        report::say(format_args!("{} {what}", self.peer));
    }
}

impl Observer for Log {
    fn received(&mut self, message: &[u8]) {
        self.progress.received();
        self.line(format_args!("recv {} {}", message.len(), text::quote(message)));
    }

    fn sent(&mut self, message: &[u8]) {
        self.progress.sent();
        self.line(format_args!("send {} {}", message.len(), text::quote(message)));
    }
}
