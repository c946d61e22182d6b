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

use fault::stream::{Direction, Emitted, LiveLink, StreamEvent};

use crate::context::{LoopContext, RECEIVE_BUFFER};
use crate::observer::{ConnectionId, Observer};
use crate::peer::PeerSocket;
use crate::pipe::Pipe;

/// A recv that brings this many bytes has met a bulk transfer, and the next bytes are spliced. A
/// splice costs one call more than a copy does, and so less only where there is much to copy.
const SPLICE_FROM: usize = RECEIVE_BUFFER;

/// After a splice that brings fewer bytes than this, the next are copied again.
const COPY_BELOW: usize = 16 << 10;

/// What one direction may do before others have their turn, in bytes and in steps.
const TURN_BYTES: usize = 1 << 20;
const TURN_STEPS: usize = 64;

pub(crate) struct Flow {
    id: ConnectionId,
    direction: Direction,
    /// The faults, if it has any now.
    link: LiveLink,
    waiting: Waiting,
    /// Whether the sender has ended its stream.
    pub(crate) sender_ended: bool,
    /// Whether the end of the stream has been passed on to the receiver.
    pub(crate) receiver_ended: bool,
    /// Whether that was a fault's doing: too early, or without all bytes.
    pub(crate) ended_by_fault: bool,
    /// Whether the next bytes are spliced.
    bulk: bool,
    /// In bytes.
    received: u64,
    /// How many bytes the receiver's socket has taken.
    pub(crate) sent: u64,
    /// When this direction last moved a byte.
    pub(crate) active: Instant,
}

/// What has been received, and not yet been taken by the receiver.
enum Waiting {
    Nothing,
    Bytes { bytes: Vec<u8>, sent: usize },
    Pipe(Pipe),
}

/// What is left to do, once a direction had its turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Progress {
    /// Nothing, until `poll` names one of its sockets or something is due.
    Blocked,
    /// More of the same, after others had their turn.
    Yielded,
}

/// Why a direction cannot go on.
pub(crate) enum FlowError {
    /// The sender's socket has failed.
    Sender(io::Error),
    /// The receiver's socket has failed.
    Receiver(io::Error),
    /// A reset has come out of the faults: one of them has made it, or the sender's has passed them.
    Reset,
}

/// How much a step has moved; `None` if there was nothing to do without a wait.
type Step = Result<Option<usize>, FlowError>;

impl Flow {
    pub(crate) fn new(
        id: ConnectionId,
        direction: Direction,
        link: LiveLink,
        now: Instant,
    ) -> Flow {
        Flow {
            id,
            direction,
            link,
            waiting: Waiting::Nothing,
            sender_ended: false,
            receiver_ended: false,
            ended_by_fault: false,
            bulk: false,
            received: 0,
            sent: 0,
            active: now,
        }
    }

    /// When something is due that waits for nothing else.
    pub(crate) fn due(&self) -> Option<Instant> {
        let link = self.link.get().filter(|_| matches!(self.waiting, Waiting::Nothing))?;
        link.due()
    }

    /// Whether the receiver has all that was received, and nothing is on its way.
    pub(crate) fn has_delivered_all(&self) -> bool {
        matches!(self.waiting, Waiting::Nothing)
            && self.link.get().is_none_or(|link| link.due().is_none())
    }

    /// Moves what can be moved without a wait, up to a bound.
    pub(crate) fn proceed(
        &mut self,
        from: &mut PeerSocket,
        to: &mut PeerSocket,
        context: &mut LoopContext<'_>,
    ) -> Result<Progress, FlowError> {
        let mut moved = 0;
        for _ in 0..TURN_STEPS {
            match self.step(from, to, context)? {
                None => return Ok(Progress::Blocked),
                Some(more) => moved += more,
            }
            self.active = context.now;
            if moved >= TURN_BYTES {
                break;
            }
        }
        Ok(Progress::Yielded)
    }

    fn step(
        &mut self,
        from: &mut PeerSocket,
        to: &mut PeerSocket,
        context: &mut LoopContext<'_>,
    ) -> Step {
        if !matches!(self.waiting, Waiting::Nothing) {
            return self.send_rest(to, context);
        }
        self.link.follow(context.now, self.sender_ended);
        if let Some(emitted) = self.link.get_mut().and_then(|link| link.pop(context.now)) {
            return self.deliver(emitted, to);
        }
        if self.sender_ended {
            let is_to_end = self.link.get().is_none() && !self.receiver_ended;
            return if is_to_end { self.end(to) } else { Ok(None) };
        }
        match self.link.get() {
            Some(link) if !link.has_room() => Ok(None),
            None if self.bulk => self.splice(from, to, context),
            _ => self.forward(from, to, context),
        }
    }

    /// Receives into the buffer, which holds so many bytes then: none at the end of the stream.
    fn receive(
        &mut self,
        from: &mut PeerSocket,
        context: &mut LoopContext<'_>,
    ) -> Result<Option<usize>, FlowError> {
        let Some(got) = from.receive(&mut context.buffer).map_err(FlowError::Sender)? else {
            return Ok(None);
        };
        self.sender_ended = got == 0;
        self.received += got as u64;
        if context.observes_bytes && got > 0 {
            let bytes = context.buffer.get(..got).unwrap_or_default();
            context.observer.bytes(self.id, self.direction, bytes);
        }
        Ok(Some(got))
    }

    /// Receives, and sends or hands to the faults what has come: for a few bytes, these are the only calls.
    fn forward(
        &mut self,
        from: &mut PeerSocket,
        to: &mut PeerSocket,
        context: &mut LoopContext<'_>,
    ) -> Step {
        let Some(got) = self.receive(from, context)? else { return Ok(None) };
        // The faults may have changed since this turn began, and what was sent after that is to have the new ones.
        self.link.follow(context.now, self.sender_ended);
        let bytes = context.buffer.get(..got).unwrap_or_default();
        if self.link.get().is_some() {
            let event =
                if self.sender_ended { StreamEvent::End } else { StreamEvent::Bytes(bytes) };
            self.push(event, context.now, context.observer);
            return Ok(Some(got));
        }
        self.bulk = got >= SPLICE_FROM && !context.observes_bytes;
        let sent = to.send(bytes).map_err(FlowError::Receiver)?;
        self.sent += sent as u64;
        if let Some(rest) = bytes.get(sent..).filter(|rest| !rest.is_empty()) {
            self.waiting = Waiting::Bytes { bytes: rest.to_vec(), sent: 0 };
        }
        Ok(Some(got))
    }

    /// Moves many bytes at a time, and without a copy.
    fn splice(
        &mut self,
        from: &mut PeerSocket,
        to: &mut PeerSocket,
        context: &mut LoopContext<'_>,
    ) -> Step {
        if !from.is_readable() {
            return Ok(None);
        }
        let Some(mut pipe) = context.pipes.take(context.now) else {
            return self.forward(from, to, context);
        };
        let moved = pipe.fill(from).map_err(FlowError::Sender)?;
        if moved == 0 {
            context.pipes.give_back(pipe);
            // Only a recv knows whether nothing has come, the stream has ended, or urgent data is
            // next, past which no splice gets.
            from.assume_readable();
            return self.forward(from, to, context);
        }
        self.bulk = moved >= COPY_BELOW;
        self.received += moved as u64;
        self.drain(pipe, to, context)?;
        Ok(Some(moved))
    }

    /// Sends what has come out of the faults.
    fn deliver(&mut self, emitted: Emitted, to: &mut PeerSocket) -> Step {
        match emitted {
            Emitted::Bytes(bytes) => self.send(bytes, 0, to),
            Emitted::End => self.end(to),
            Emitted::Reset => Err(FlowError::Reset),
        }
    }

    /// Sends what waits, when there is room again.
    fn send_rest(&mut self, to: &mut PeerSocket, context: &mut LoopContext<'_>) -> Step {
        match mem::replace(&mut self.waiting, Waiting::Nothing) {
            Waiting::Nothing => Ok(None),
            Waiting::Bytes { bytes, sent } => self.send(bytes, sent, to),
            Waiting::Pipe(pipe) => self.drain(pipe, to, context),
        }
    }

    /// Sends `bytes` from the one after `sent` on.
    fn send(&mut self, bytes: Vec<u8>, sent: usize, to: &mut PeerSocket) -> Step {
        let rest = bytes.get(sent..).unwrap_or_default();
        let more = to.send(rest).map_err(FlowError::Receiver)?;
        self.sent += more as u64;
        if more < rest.len() {
            self.waiting = Waiting::Bytes { bytes, sent: sent + more };
        }
        Ok((more > 0).then_some(more))
    }

    /// Sends what is in the pipe, and gives it back when that is all.
    fn drain(
        &mut self,
        mut pipe: Pipe,
        to: &mut PeerSocket,
        context: &mut LoopContext<'_>,
    ) -> Step {
        let more = pipe.drain(to).map_err(FlowError::Receiver)?;
        self.sent += more as u64;
        if pipe.held() > 0 {
            self.waiting = Waiting::Pipe(pipe);
        } else {
            context.pipes.give_back(pipe);
        }
        Ok((more > 0).then_some(more))
    }

    /// Passes the end of the stream on.
    fn end(&mut self, to: &PeerSocket) -> Step {
        self.receiver_ended = true;
        self.ended_by_fault = !self.sender_ended || self.sent < self.received;
        to.end().map_err(FlowError::Receiver)?;
        Ok(Some(0))
    }

    /// The sender's socket has failed. True if a reset is on its way to the receiver through the
    /// faults; without it, there is nothing to wait for.
    pub(crate) fn fail(&mut self, context: &mut LoopContext<'_>) -> bool {
        self.sender_ended = true;
        if !self.receiver_ended {
            self.push(StreamEvent::Reset, context.now, context.observer);
        }
        self.link.get().is_some_and(|link| link.due().is_some())
    }

    fn push(&mut self, event: StreamEvent<'_>, now: Instant, observer: &mut dyn Observer) {
        let Some(link) = self.link.get_mut() else { return };
        for words in link.push(now, event) {
            observer.fault(self.id, self.direction, &words);
        }
    }
}
