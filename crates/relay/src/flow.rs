//! One direction of a connection: from its sender to its receiver.
//!
//! ```text
//!            ┌───────────── the receiver took all ─────────────┐
//!            ▼                                                 │
//!        receive ──▶ send ──▶ some is left: wait for room ──▶ send
//!            │
//!            └ end of stream ──▶ end the receiver's ──▶ over
//! ```

use std::io;
use std::mem;
use std::time::Instant;

use fault::stream::{Direction, Emitted, Link, StreamEvent};

use crate::pipe::{Pipe, Pipes};
use crate::side::Side;
use crate::{ConnectionId, Observer};

/// How much of a stream one recv takes, and so the most that waits for a receiver in memory.
pub(crate) const BUFFER: usize = 64 << 10;

/// A recv that gives as much as this has met a bulk transfer, and the next bytes are spliced. It
/// costs one call more than a copy does, and so less only where there is much to copy.
const BULK: usize = BUFFER;

/// When a splice brings less, the next bytes are copied again.
const QUIET: usize = 16 << 10;

/// With this many bytes on their way through the faults, nothing more is received.
const ON_THEIR_WAY: usize = 1 << 20;

/// How much one direction may move before others have their turn, in bytes and in steps.
const AT_ONCE: usize = 1 << 20;
const IN_A_ROW: usize = 64;

/// What all directions share.
pub(crate) struct Tools<'a> {
    pub(crate) observer: &'a mut dyn Observer,
    /// One for all, since what a recv brings is sent before the next.
    pub(crate) buffer: Vec<u8>,
    pub(crate) pipes: Pipes,
    /// The time of this turn.
    pub(crate) now: Instant,
    pub(crate) look: bool,
}

pub(crate) struct Flow {
    id: ConnectionId,
    direction: Direction,
    /// The faults, if it has any.
    link: Option<Link>,
    waiting: Waiting,
    /// The sender has ended its stream.
    ended: bool,
    /// The receiver's stream has been ended.
    over: bool,
    /// A fault has ended it: too early, or without all bytes.
    cut: bool,
    bulk: bool,
    received: u64,
    passed: u64,
    active: Instant,
}

/// What has been received, and not yet been taken by the receiver.
enum Waiting {
    Nothing,
    Bytes { bytes: Vec<u8>, sent: usize },
    Pipe(Pipe),
}

/// What is left to do, once a direction had its turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// Nothing, until `poll` names one of its sockets or something is due.
    Wait,
    /// More of the same, after others had their turn.
    Again,
}

/// Why a direction cannot go on.
pub(crate) enum Broken {
    /// The sender's socket has failed.
    Sender(io::Error),
    /// The receiver's socket has failed.
    Receiver(io::Error),
    /// A fault tears the connection down, or the reset that was sent through the faults has come out.
    Torn,
}

/// How much a step has moved; `None` if there was nothing to do without a wait.
type Step = Result<Option<usize>, Broken>;

impl Flow {
    pub(crate) fn new(
        id: ConnectionId,
        direction: Direction,
        link: Option<Link>,
        now: Instant,
    ) -> Flow {
        Flow {
            id,
            direction,
            link,
            waiting: Waiting::Nothing,
            ended: false,
            over: false,
            cut: false,
            bulk: false,
            received: 0,
            passed: 0,
            active: now,
        }
    }

    /// How many bytes the receiver's socket has taken.
    pub(crate) fn passed(&self) -> u64 {
        self.passed
    }

    /// When it last moved a byte.
    pub(crate) fn active(&self) -> Instant {
        self.active
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.ended
    }

    pub(crate) fn is_over(&self) -> bool {
        self.over
    }

    /// Whether the receiver's stream has been ended by a fault.
    pub(crate) fn is_cut(&self) -> bool {
        self.cut
    }

    /// When something is due that waits for nothing else.
    pub(crate) fn due(&self) -> Option<Instant> {
        let link = self.link.as_ref().filter(|_| matches!(self.waiting, Waiting::Nothing))?;
        link.due()
    }

    /// Moves what can be moved without a wait, up to a bound.
    pub(crate) fn proceed(
        &mut self,
        from: &mut Side,
        to: &mut Side,
        tools: &mut Tools<'_>,
    ) -> Result<Next, Broken> {
        let mut moved = 0;
        for _ in 0..IN_A_ROW {
            match self.step(from, to, tools)? {
                None => return Ok(Next::Wait),
                Some(more) => moved += more,
            }
            self.active = tools.now;
            if moved >= AT_ONCE {
                break;
            }
        }
        Ok(Next::Again)
    }

    fn step(&mut self, from: &mut Side, to: &mut Side, tools: &mut Tools<'_>) -> Step {
        if !matches!(self.waiting, Waiting::Nothing) {
            return self.send_rest(to, tools);
        }
        if let Some(emitted) = self.link.as_mut().and_then(|link| link.pop(tools.now)) {
            return self.deliver(emitted, to);
        }
        if self.ended {
            return if self.link.is_none() && !self.over { self.end(to) } else { Ok(None) };
        }
        match &self.link {
            Some(link) if link.held() >= ON_THEIR_WAY => Ok(None),
            Some(_) => self.take_in(from, tools),
            None if self.bulk => self.splice(from, to, tools),
            None => self.copy(from, to, tools),
        }
    }

    /// Receives into the buffer, which holds so many bytes then: none at the end of the stream.
    fn receive(&mut self, from: &mut Side, tools: &mut Tools<'_>) -> Result<Option<usize>, Broken> {
        let Some(got) = from.receive(&mut tools.buffer).map_err(Broken::Sender)? else {
            return Ok(None);
        };
        self.ended = got == 0;
        self.received += got as u64;
        if tools.look && got > 0 {
            let bytes = tools.buffer.get(..got).unwrap_or_default();
            tools.observer.bytes(self.id, self.direction, bytes);
        }
        Ok(Some(got))
    }

    /// Receives and sends: for a few bytes, these are the only calls.
    fn copy(&mut self, from: &mut Side, to: &mut Side, tools: &mut Tools<'_>) -> Step {
        let Some(got) = self.receive(from, tools)? else { return Ok(None) };
        self.bulk = got >= BULK && !tools.look;
        let bytes = tools.buffer.get(..got).unwrap_or_default();
        let sent = to.send(bytes).map_err(Broken::Receiver)?;
        self.passed += sent as u64;
        if let Some(rest) = bytes.get(sent..).filter(|rest| !rest.is_empty()) {
            self.waiting = Waiting::Bytes { bytes: rest.to_vec(), sent: 0 };
        }
        Ok(Some(got))
    }

    /// Moves many bytes at a time, and without a copy.
    fn splice(&mut self, from: &mut Side, to: &mut Side, tools: &mut Tools<'_>) -> Step {
        if !from.is_readable() {
            return Ok(None);
        }
        let Some(mut pipe) = tools.pipes.take(tools.now) else {
            return self.copy(from, to, tools);
        };
        let moved = pipe.fill(from).map_err(Broken::Sender)?;
        if moved == 0 {
            tools.pipes.give_back(pipe);
            // Only a recv knows whether nothing has come, the stream has ended, or urgent data is
            // next, past which no splice gets.
            from.look_again();
            return self.copy(from, to, tools);
        }
        self.bulk = moved >= QUIET;
        self.received += moved as u64;
        self.drain(pipe, to, tools)?;
        Ok(Some(moved))
    }

    /// Receives, and hands to the faults what has come.
    fn take_in(&mut self, from: &mut Side, tools: &mut Tools<'_>) -> Step {
        let Some(got) = self.receive(from, tools)? else { return Ok(None) };
        let bytes = tools.buffer.get(..got).unwrap_or_default();
        let event = if self.ended { StreamEvent::End } else { StreamEvent::Bytes(bytes) };
        self.push(event, tools.now, tools.observer);
        Ok(Some(got))
    }

    /// Sends what has come out of the faults.
    fn deliver(&mut self, emitted: Emitted, to: &mut Side) -> Step {
        match emitted {
            Emitted::Bytes(bytes) => self.send(bytes, 0, to),
            Emitted::End => self.end(to),
            Emitted::Reset => Err(Broken::Torn),
        }
    }

    /// Sends what waits, when there is room again.
    fn send_rest(&mut self, to: &mut Side, tools: &mut Tools<'_>) -> Step {
        match mem::replace(&mut self.waiting, Waiting::Nothing) {
            Waiting::Nothing => Ok(None),
            Waiting::Bytes { bytes, sent } => self.send(bytes, sent, to),
            Waiting::Pipe(pipe) => self.drain(pipe, to, tools),
        }
    }

    /// Sends `bytes` from the one after `sent` on.
    fn send(&mut self, bytes: Vec<u8>, sent: usize, to: &mut Side) -> Step {
        let rest = bytes.get(sent..).unwrap_or_default();
        let more = to.send(rest).map_err(Broken::Receiver)?;
        self.passed += more as u64;
        if more < rest.len() {
            self.waiting = Waiting::Bytes { bytes, sent: sent + more };
        }
        Ok((more > 0).then_some(more))
    }

    /// Sends what is in the pipe, and gives it back when that is all.
    fn drain(&mut self, mut pipe: Pipe, to: &mut Side, tools: &mut Tools<'_>) -> Step {
        let more = pipe.drain(to).map_err(Broken::Receiver)?;
        self.passed += more as u64;
        if pipe.held() > 0 {
            self.waiting = Waiting::Pipe(pipe);
        } else {
            tools.pipes.give_back(pipe);
        }
        Ok((more > 0).then_some(more))
    }

    /// Passes the end of the stream on.
    fn end(&mut self, to: &Side) -> Step {
        self.over = true;
        self.cut = !self.ended || self.passed < self.received;
        to.end().map_err(Broken::Receiver)?;
        Ok(Some(0))
    }

    /// The sender's socket has failed. True if a reset is on its way to the receiver through the
    /// faults; without it, there is nothing to wait for.
    pub(crate) fn fail(&mut self, tools: &mut Tools<'_>) -> bool {
        self.ended = true;
        if !self.over {
            self.push(StreamEvent::Reset, tools.now, tools.observer);
        }
        self.link.as_ref().is_some_and(|link| link.due().is_some())
    }

    fn push(&mut self, event: StreamEvent<'_>, now: Instant, observer: &mut dyn Observer) {
        let Some(link) = &mut self.link else { return };
        for words in link.push(now, event) {
            observer.fault(self.id, self.direction, &words);
        }
    }
}
