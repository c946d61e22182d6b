//! A server's line for each thing that happens.

use std::error::Error;
use std::fmt::Display;
use std::net::SocketAddr;

use trace::{Observer, text};

use crate::connection::Progress;
use crate::{Policy, Stop, report};

/// Writes `PEER connected`, `PEER recv 5 "hello"`, `PEER send 5 "HELLO"` and `PEER closed by client`
/// on standard output, and tells the connection where each message ends.
#[derive(Debug)]
pub struct Log {
    peer: SocketAddr,
    progress: Progress,
    stop: Stop,
    quiet: bool,
}

impl Log {
    pub(crate) fn new(peer: SocketAddr, progress: Progress, policy: &Policy) -> Log {
        Log { peer, progress, stop: policy.stop.clone(), quiet: policy.quiet }
    }

    pub(crate) fn connected(peer: SocketAddr, progress: Progress, policy: &Policy) -> Log {
        let log = Log::new(peer, progress, policy);
        log.line("connected");
        log
    }

    /// Writes what else has happened to this client.
    pub fn note(&self, what: impl Display) {
        self.line(what);
    }

    /// Writes that the conversation has ended, and why.
    pub fn closed<E: Error + 'static>(self, outcome: &Result<(), E>) {
        match outcome {
            // What broke it was this server, which could not wait any longer.
            Err(_) if self.stop.is_abandoned() => self.line("closed by server: its time was up"),
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
        if !self.quiet {
            report::say(format_args!("{} {what}", self.peer));
        }
    }

    fn message(&self, call: &str, message: &[u8]) {
        // To quote a message costs more than to send it.
        if !self.quiet {
            self.line(format_args!("{call} {} {}", message.len(), text::quote(message)));
        }
    }
}

impl Observer for Log {
    fn received(&mut self, message: &[u8]) {
        self.progress.received();
        self.message("recv", message);
    }

    fn sent(&mut self, message: &[u8]) {
        self.progress.sent();
        self.message("send", message);
    }

    fn advanced(&mut self) {
        self.progress.advanced();
    }
}
