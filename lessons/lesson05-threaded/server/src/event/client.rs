//! One client of the event loop: what its thread would remember by where it stands in its code.

use std::io::{self, ErrorKind, Read, Write};
use std::time::Instant;

use command::Answer;
use console::Log;
use endpoint::{Expired, Limits, Opening, Role, Traced};
use mio::Interest;
use mio::net::TcpStream;
use trace::Observer;

use crate::{Service, answer};

/// How many requests of one client are answered in one turn of the loop, before others have theirs.
const REQUEST_BATCH: usize = 16;

/// A client that is served.
pub(super) struct Client {
    pub(super) stream: Traced<TcpStream>,
    pub(super) log: Log,
    pub(super) opening: Opening,
    pub(super) state: State,
    /// When the client came into this state.
    pub(super) since: Instant,
}

/// What a client's thread would be waiting for.
pub(super) enum State {
    /// The next request.
    Reading,
    /// Room for the rest of an answer. Until that is sent, nothing is read: a client that does not
    /// read costs the memory of one answer, and cannot go on sending for long (back-pressure).
    Writing { answer: Answer, sent: usize },
}

/// What is left to do, once everything is done that needs no wait.
pub(super) enum Next {
    /// Nothing, until `poll` names this client.
    Wait,
    /// Have `poll` name this client when its socket is ready for this, which it may be already.
    WaitFor(Interest),
    /// The client has ended its stream, and has its answers: close.
    Close,
}

impl Client {
    /// Goes from one state to the next as often as that needs no wait.
    pub(super) fn proceed(
        &mut self,
        service: &Service,
        buffer: &mut [u8],
        now: Instant,
        ended: bool,
    ) -> io::Result<Next> {
        if let State::Writing { .. } = self.state {
            let ready = if self.send(now)? { Interest::READABLE } else { Interest::WRITABLE };
            return Ok(Next::WaitFor(ready));
        }
        for _ in 0..REQUEST_BATCH {
            // BROKEN: one recv is taken for one request, as in `receive`.
            let Some(got) = if_ready(|| self.stream.read(buffer))? else {
                return Ok(Next::Wait);
            };
            let request = buffer.get(..got).unwrap_or_default();
            if request.is_empty() {
                return Ok(Next::Close);
            }
            self.opening.check(request)?;
            self.log.received(request);
            self.state = State::Writing { answer: answer(request, service), sent: 0 };
            self.since = now;
            if !self.send(now)? {
                return Ok(Next::WaitFor(Interest::WRITABLE));
            }
            // A recv that gives less than it was asked for has taken everything, and epoll names
            // the socket when more comes (epoll(7), Q9), but not again for an end that it has named
            // already. So most exchanges cost one recv. Other systems want to see `WouldBlock`.
            if cfg!(target_os = "linux") && got < buffer.len() && !ended {
                return Ok(Next::Wait);
            }
        }
        // There may be more, and others wait: to be named again means to be named after them.
        Ok(Next::WaitFor(Interest::READABLE))
    }

    /// Sends what there is room for; true if the answer is all sent.
    fn send(&mut self, now: Instant) -> io::Result<bool> {
        let State::Writing { answer, sent } = &mut self.state else { return Ok(true) };
        let rest = answer.get(*sent..).unwrap_or_default();
        *sent += if_ready(|| self.stream.write(rest))?.unwrap_or(0);
        if *sent < answer.len() {
            return Ok(false);
        }
        self.log.sent(answer);
        (self.state, self.since) = (State::Reading, now);
        Ok(true)
    }

    /// The time-out that is over, if one is.
    pub(super) fn expired(&self, limits: &Limits, now: Instant) -> Option<Expired> {
        let (timeout, expired) = match self.state {
            State::Reading => (limits.idle_timeout, Expired::Idle(limits.idle_timeout)),
            State::Writing { .. } => {
                let timeout = limits.message_timeout;
                (timeout, Expired::Send(timeout, Role::Server))
            }
        };
        (now.duration_since(self.since) >= timeout).then_some(expired)
    }
}

/// What a call on a non-blocking socket gives; `None` if the socket is not ready.
pub(super) fn if_ready<T>(mut call: impl FnMut() -> io::Result<T>) -> io::Result<Option<T>> {
    loop {
        match call() {
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(None),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            outcome => return outcome.map(Some),
        }
    }
}
