//! One connection: two sockets, and a [`Flow`] each way.

use std::io;
use std::time::Instant;

use fault::stream::Direction;

use crate::flow::{Broken, Flow, Next, Tools};
use crate::side::{Party, Side};
use crate::{ConnectionId, End, Summary};

pub(crate) struct Connection {
    id: ConnectionId,
    client: Side,
    upstream: Side,
    up: Flow,
    down: Flow,
    opened: Instant,
    /// Whose stream has ended first.
    first: Option<Party>,
    /// Whose socket has failed. It is not touched any more, and the reset for the other one is on
    /// its way through the faults.
    failed: Option<(Party, io::Error)>,
}

impl Connection {
    pub(crate) fn new(
        id: ConnectionId,
        [client, upstream]: [Side; 2],
        [up, down]: [Flow; 2],
        now: Instant,
    ) -> Connection {
        Connection { id, client, upstream, up, down, opened: now, first: None, failed: None }
    }

    pub(crate) fn side_mut(&mut self, party: Party) -> &mut Side {
        match party {
            Party::Client => &mut self.client,
            Party::Upstream => &mut self.upstream,
        }
    }

    /// When it last moved a byte.
    pub(crate) fn active(&self) -> Instant {
        self.up.active().max(self.down.active())
    }

    /// When it has something to do that `poll` does not know of.
    pub(crate) fn due(&self) -> Option<Instant> {
        let due = |direction, flow: &Flow| {
            flow.due().filter(|_| !self.has_failed(Party::receiver(direction)))
        };
        let [up, down] = [due(Direction::Up, &self.up), due(Direction::Down, &self.down)];
        up.into_iter().chain(down).min()
    }

    /// Moves what can be moved without a wait, up to a bound; an error when the connection is at its
    /// end.
    pub(crate) fn proceed(&mut self, tools: &mut Tools<'_>) -> Result<Next, End> {
        let up = self.proceed_in(Direction::Up, tools)?;
        let down = self.proceed_in(Direction::Down, tools)?;
        if self.up.is_over() && self.down.is_over() {
            return Err(match self.first {
                _ if self.up.is_cut() || self.down.is_cut() => End::Fault,
                Some(Party::Upstream) => End::Upstream,
                Some(Party::Client) | None => End::Client,
            });
        }
        Ok(if up == Next::Again { up } else { down })
    }

    fn proceed_in(&mut self, direction: Direction, tools: &mut Tools<'_>) -> Result<Next, End> {
        let (sender, receiver) = (Party::sender(direction), Party::receiver(direction));
        if self.has_failed(receiver) {
            return Ok(Next::Wait);
        }
        let (flow, from, to) = match direction {
            Direction::Up => (&mut self.up, &mut self.client, &mut self.upstream),
            Direction::Down => (&mut self.down, &mut self.upstream, &mut self.client),
        };
        match flow.proceed(from, to, tools) {
            Ok(next) => {
                if flow.has_ended() {
                    self.first.get_or_insert(sender);
                    // Nothing is received from it any more, so only `poll` hears of a reset.
                    if self.failed.is_none()
                        && let Some(error) = from.take_error()
                    {
                        return self.fail(sender, error, tools);
                    }
                }
                Ok(next)
            }
            Err(Broken::Sender(error)) => self.fail(sender, error, tools),
            Err(Broken::Receiver(error)) => self.fail(receiver, error, tools),
            Err(Broken::Torn) => Err(self.failed.take().map_or(End::FaultReset, End::of)),
        }
    }

    fn has_failed(&self, party: Party) -> bool {
        self.failed.as_ref().is_some_and(|(failed, _)| *failed == party)
    }

    /// One socket has failed: the other side is to have a reset, when the faults let it through.
    fn fail(&mut self, party: Party, error: io::Error, tools: &mut Tools<'_>) -> Result<Next, End> {
        if let Some(before) = self.failed.take() {
            return Err(End::of(before));
        }
        let flow = match party {
            Party::Client => &mut self.up,
            Party::Upstream => &mut self.down,
        };
        if !flow.fail(tools) {
            return Err(End::of((party, error)));
        }
        self.failed = Some((party, error));
        Ok(Next::Again)
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
        for (side, is_reset) in [(client, reset_client), (upstream, reset_upstream)] {
            if is_reset {
                side.reset();
            }
        }
        let duration = now.saturating_duration_since(opened);
        (id, Summary { up: up.passed(), down: down.passed(), duration, end })
    }
}

impl End {
    fn of((party, error): (Party, io::Error)) -> End {
        match party {
            Party::Client => End::ClientReset(error),
            Party::Upstream => End::UpstreamReset(error),
        }
    }
}
