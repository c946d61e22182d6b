//! One connection: two sockets, and a [`Flow`] each way.

use std::io;
use std::time::Instant;

use fault::stream::Direction;

use crate::context::LoopContext;
use crate::flow::{Flow, FlowError, Progress};
use crate::observer::{ConnectionId, End, Summary};
use crate::peer::{Peer, PeerSocket};

pub(crate) struct Connection {
    id: ConnectionId,
    client: PeerSocket,
    upstream: PeerSocket,
    up: Flow,
    down: Flow,
    opened: Instant,
    /// The peer whose stream has ended first.
    first_ended: Option<Peer>,
    /// The peer whose socket has failed. That socket is not touched any more, and the reset for the
    /// other one is on its way through the faults.
    failed: Option<(Peer, io::Error)>,
}

impl Connection {
    pub(crate) fn new(
        id: ConnectionId,
        [client, upstream]: [PeerSocket; 2],
        [up, down]: [Flow; 2],
        now: Instant,
    ) -> Connection {
        Connection { id, client, upstream, up, down, opened: now, first_ended: None, failed: None }
    }

    pub(crate) fn socket_mut(&mut self, peer: Peer) -> &mut PeerSocket {
        match peer {
            Peer::Client => &mut self.client,
            Peer::Upstream => &mut self.upstream,
        }
    }

    /// When the connection last moved a byte.
    pub(crate) fn active(&self) -> Instant {
        self.up.active.max(self.down.active)
    }

    /// When the connection has something to do that `poll` does not know of.
    pub(crate) fn due(&self) -> Option<Instant> {
        let due = |direction, flow: &Flow| {
            flow.due().filter(|_| !self.has_failed(Peer::receiver(direction)))
        };
        let [up, down] = [due(Direction::Up, &self.up), due(Direction::Down, &self.down)];
        up.into_iter().chain(down).min()
    }

    /// Moves what can be moved without a wait, up to a bound; an error when the connection is at its
    /// end.
    pub(crate) fn proceed(&mut self, context: &mut LoopContext<'_>) -> Result<Progress, End> {
        let up = self.proceed_in(Direction::Up, context)?;
        let down = self.proceed_in(Direction::Down, context)?;
        if self.up.receiver_ended && self.down.receiver_ended {
            return Err(match self.first_ended {
                _ if self.up.ended_by_fault || self.down.ended_by_fault => End::Fault,
                Some(Peer::Upstream) => End::Upstream,
                Some(Peer::Client) | None => End::Client,
            });
        }
        Ok(if up == Progress::Yielded { up } else { down })
    }

    fn proceed_in(
        &mut self,
        direction: Direction,
        context: &mut LoopContext<'_>,
    ) -> Result<Progress, End> {
        let (sender, receiver) = (Peer::sender(direction), Peer::receiver(direction));
        if self.has_failed(receiver) {
            return Ok(Progress::Blocked);
        }
        let (flow, from, to) = match direction {
            Direction::Up => (&mut self.up, &mut self.client, &mut self.upstream),
            Direction::Down => (&mut self.down, &mut self.upstream, &mut self.client),
        };
        match flow.proceed(from, to, context) {
            Ok(next) => {
                if flow.sender_ended {
                    self.first_ended.get_or_insert(sender);
                    // Nothing is received from it any more, so only `poll` hears of a reset.
                    if self.failed.is_none()
                        && let Some(error) = from.take_error()
                    {
                        return self.fail(sender, error, context);
                    }
                }
                // A fault that has ended the stream before has let no reset through.
                let is_over = flow.has_delivered_all();
                if is_over && let Some(failed) = self.failed.take_if(|(peer, _)| *peer == sender) {
                    return Err(End::of(failed));
                }
                Ok(next)
            }
            Err(FlowError::Sender(error)) => self.fail(sender, error, context),
            Err(FlowError::Receiver(error)) => self.fail(receiver, error, context),
            Err(FlowError::Reset) => Err(self.failed.take().map_or(End::FaultReset, End::of)),
        }
    }

    fn has_failed(&self, peer: Peer) -> bool {
        self.failed.as_ref().is_some_and(|(failed, _)| *failed == peer)
    }

    /// Notes that a peer's socket has failed. The other peer is sent a reset, when the faults let it
    /// through.
    fn fail(
        &mut self,
        peer: Peer,
        error: io::Error,
        context: &mut LoopContext<'_>,
    ) -> Result<Progress, End> {
        if let Some(before) = self.failed.take() {
            return Err(End::of(before));
        }
        let flow = match peer {
            Peer::Client => &mut self.up,
            Peer::Upstream => &mut self.down,
        };
        if !flow.fail(context) {
            return Err(End::of((peer, error)));
        }
        self.failed = Some((peer, error));
        Ok(Progress::Yielded)
    }

    /// Closes both sockets, each in the way that tells its peer the truth: with a reset, unless both
    /// streams have ended in order, or it was the peer itself that has failed.
    pub(crate) fn close(self, end: End, now: Instant) -> (ConnectionId, Summary) {
        let Connection { id, client, upstream, up, down, opened, .. } = self;
        let [reset_client, reset_upstream] = match end {
            End::Client | End::Upstream | End::Fault => [false, false],
            End::ClientReset(_) => [false, true],
            End::UpstreamReset(_) => [true, false],
            End::IdleTimeout | End::FaultReset | End::Stopped => [true, true],
        };
        for (socket, is_reset) in [(client, reset_client), (upstream, reset_upstream)] {
            if is_reset {
                socket.reset();
            }
        }
        let duration = now.saturating_duration_since(opened);
        (id, Summary { up: up.sent, down: down.sent, duration, end })
    }
}

impl End {
    fn of((peer, error): (Peer, io::Error)) -> End {
        match peer {
            Peer::Client => End::ClientReset(error),
            Peer::Upstream => End::UpstreamReset(error),
        }
    }
}
