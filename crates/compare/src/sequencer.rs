//! Forces the order of events, so that a run is the same on every machine and every time.
//!
//! A recv begins only when there is something for it, and when all of that has arrived: what is on
//! its way would make the outcome a matter of luck. One end acts at a time: the client reads when the
//! server can do nothing more, and the server answers when the client waits and has read the answer
//! before. If both wait for bytes and none are on their way, the client's recv is let through, into
//! silence.

use std::collections::HashMap;
use std::io;
use std::net::{Shutdown, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rust_i18n::t;
use trace::{Action, Call, Event, Gate, KernelView, Lane, Recorder};

use crate::comparison::{CLIENT, SERVER};
use crate::loopback::{LOOPBACK_TIMEOUT, wait_for_bytes};
use crate::words;

/// How long one wait for the recorder's next event takes at most: a lane that begins to wait is no event.
const POLL_INTERVAL: Duration = Duration::from_millis(2);

/// Looks on while a scenario is played, and may hold it up before each call.
pub trait Stepper: Send + Sync {
    /// One side begins, with this code.
    fn begin(&self, code: &str);

    /// `next` is done when this returns; `events` have happened since the call before.
    fn before(&self, next: &str, events: &[Event]);
}

/// How long a play may take in all. It takes milliseconds, unless something hangs.
pub const MAX_PLAY_TIME: Duration = Duration::from_secs(10);

/// What keeps a play from going on for ever: a person who steps through it, or an end.
#[derive(Clone)]
pub(crate) enum Pace {
    /// Who is asked before each call, and may take all the time in the world.
    Stepped(Arc<dyn Stepper>),
    /// When the play is ended, both sides of it together.
    Until(Instant),
}

impl Pace {
    /// A play that begins now.
    pub(crate) fn of(stepper: Option<Arc<dyn Stepper>>) -> Pace {
        stepper.map_or_else(|| Pace::Until(Instant::now() + MAX_PLAY_TIME), Pace::Stepped)
    }

    /// How long the next wait may take.
    ///
    /// # Errors
    /// When the play is over its time.
    pub(crate) fn longest_wait(&self) -> io::Result<Duration> {
        let Pace::Until(end) = self else { return Ok(LOOPBACK_TIMEOUT) };
        let left = end.saturating_duration_since(Instant::now());
        let over = || io::Error::new(io::ErrorKind::TimedOut, t!("the play took too long"));
        if left.is_zero() { Err(over()) } else { Ok(left) }
    }
}

/// Lets each call through when its turn has come.
pub(crate) struct Sequencer {
    /// Keeps everything that happens.
    pub(crate) recorder: Recorder,
    pace: Pace,
    state: Mutex<State>,
}

/// The lanes that wait for their turn, and the call that each will make then; no call stands for the end.
type Waiting = HashMap<&'static str, Option<Call>>;

struct State {
    sockets: HashMap<&'static str, PeekSocket>,
    waiting: Waiting,
    /// How many events the stepper has seen.
    shown: usize,
}

/// The socket at which a lane's bytes arrive, for a look at what it holds.
pub(crate) struct PeekSocket {
    socket: TcpStream,
    view: Option<KernelView>,
    /// The bytes that it held at the last look.
    last_held: Vec<u8>,
}

impl PeekSocket {
    /// `stream` is the one that the lane reads from.
    pub(crate) fn of(stream: &TcpStream) -> io::Result<PeekSocket> {
        let view = KernelView::of(stream.local_addr()?, stream.peer_addr()?);
        Ok(PeekSocket { socket: stream.try_clone()?, view, last_held: Vec::new() })
    }
}

impl Sequencer {
    /// Tells the stepper that `code` is played from now on. Without `sockets` there is no stream:
    /// datagrams are sent and received in their order anyway.
    pub(crate) fn new(
        code: &str,
        sockets: HashMap<&'static str, PeekSocket>,
        pace: Pace,
    ) -> Sequencer {
        if let Pace::Stepped(stepper) = &pace {
            stepper.begin(code);
        }
        let state = Mutex::new(State { sockets, waiting: Waiting::new(), shown: 0 });
        Sequencer { recorder: Recorder::keeping(), pace, state }
    }

    /// How long the next wait may take.
    ///
    /// # Errors
    /// When the play is over its time.
    pub(crate) fn longest_wait(&self) -> io::Result<Duration> {
        self.pace.longest_wait()
    }

    /// Lets the stepper see what has happened, and waits until it lets the play go on with `next`.
    pub(crate) fn step(&self, next: &str) {
        let Pace::Stepped(stepper) = &self.pace else { return };
        let mut events = self.recorder.events();
        let mut state = self.state();
        let shown = std::mem::replace(&mut state.shown, events.len());
        // What a kernel holds is told as one run of bytes, and datagrams are not one.
        let is_stream = !state.sockets.is_empty();
        drop(state);
        events.drain(..shown);
        events.retain(|event| is_stream || !matches!(event.action, Action::Look { .. }));
        stepper.before(next, &events);
    }

    /// Ends a write of this lane, if it hangs, together with the play.
    ///
    /// # Errors
    /// When the play is over its time.
    pub(crate) fn limit_write(&self, lane: &str) -> io::Result<()> {
        let left = self.pace.longest_wait()?;
        // A socket's clone is the same socket, and has the same time-outs.
        self.state().sockets.get(lane).map_or(Ok(()), |it| it.socket.set_write_timeout(Some(left)))
    }

    /// Ends the client's direction of the stream.
    pub(crate) fn half_close(&self) -> io::Result<()> {
        if let Some(client) = self.state().sockets.get(CLIENT) {
            client.socket.shutdown(Shutdown::Write)?;
        }
        self.recorder.record(&CLIENT.into(), Action::HalfClose, None);
        Ok(())
    }

    /// Waits until the server waits for a request, with every answer sent.
    pub(crate) fn wait_for_idle_server(&self) -> io::Result<()> {
        self.wait(CLIENT, None, is_server_idle)
    }

    /// Records what each lane's kernel holds, once all that was sent has arrived, if it has changed.
    pub(crate) fn look(&self) -> io::Result<()> {
        for lane in [CLIENT, SERVER] {
            let held = self.recorder.with_events(|events| unread(events, lane));
            if let Some(action) = self.look_at(lane, held)? {
                self.recorder.record(&lane.into(), action, None);
            }
        }
        Ok(())
    }

    fn look_at(&self, lane: &str, held: Vec<u8>) -> io::Result<Option<Action>> {
        let mut state = self.state();
        let Some(socket) = state.sockets.get_mut(lane) else { return Ok(None) };
        if held == socket.last_held {
            return Ok(None);
        }
        let peeked = wait_for_bytes(&socket.socket, held.len(), self.pace.longest_wait()?)?;
        let kernel = socket.view.as_mut().and_then(KernelView::snapshot);
        socket.last_held.clone_from(&held);
        Ok(Some(Action::Look {
            held,
            // Where the kernel cannot be asked, this is what peeking shows.
            unread: kernel.map(|kernel| kernel.unread).or(u32::try_from(peeked).ok()),
            segments: kernel.and_then(|kernel| kernel.segments_received),
        }))
    }

    /// Counts `lane` among those that wait, until it is `ready` for its call.
    fn wait(
        &self,
        lane: &'static str,
        call: Option<Call>,
        ready: impl Fn(&[Event], &Waiting) -> bool,
    ) -> io::Result<()> {
        self.state().waiting.insert(lane, call);
        let waited = loop {
            // The recorder's lock is taken before the state's, here and nowhere the other way round.
            let is_ready = self
                .recorder
                .wait_until(POLL_INTERVAL, |events| ready(events, &self.state().waiting));
            if is_ready {
                break Ok(());
            }
            if let Err(over) = self.pace.longest_wait() {
                break Err(over);
            }
        };
        self.state().waiting.remove(lane);
        waited
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Gate for Sequencer {
    fn before(&self, lane: &Lane, call: Call) -> io::Result<()> {
        self.pace.longest_wait()?;
        match (&**lane, call) {
            (CLIENT, Call::Recv(_)) => self.wait(CLIENT, Some(call), |events, waiting| {
                let server_sends = matches!(waiting.get(SERVER), Some(Some(Call::Send(_))));
                (server_sends && !unread(events, CLIENT).is_empty())
                    || is_server_idle(events, waiting)
            })?,
            (CLIENT, Call::Send(_)) => {}
            (_, Call::Recv(_)) => self.wait(SERVER, Some(call), |events, _| {
                !unread(events, SERVER).is_empty() || has_ended(events, CLIENT)
            })?,
            (_, Call::Send(_)) => self.wait(SERVER, Some(call), |events, waiting| {
                waiting.contains_key(CLIENT) && unread(events, CLIENT).is_empty()
            })?,
        }
        self.limit_write(lane)?;
        let who = words::lane(lane);
        let next = match call {
            Call::Recv(size) => format!("{who} recv({size})"),
            Call::Send(size) => format!("{who} send {size}"),
        };
        self.look()?;
        self.step(&next);
        Ok(())
    }
}

/// Whether the server waits for a request, and none is on its way.
fn is_server_idle(events: &[Event], waiting: &Waiting) -> bool {
    matches!(waiting.get(SERVER), Some(Some(Call::Recv(_)))) && unread(events, SERVER).is_empty()
}

/// The bytes that were sent to `lane` and that it has not received.
pub(crate) fn unread(events: &[Event], lane: &str) -> Vec<u8> {
    let mut sent = Vec::new();
    let mut received = 0;
    for event in events {
        match &event.action {
            Action::Send { bytes, .. } if &*event.lane != lane => sent.extend_from_slice(bytes),
            Action::Recv { bytes, .. } if &*event.lane == lane => received += bytes.len(),
            _ => {}
        }
    }
    sent.split_off(received.min(sent.len()))
}

fn has_ended(events: &[Event], lane: &str) -> bool {
    events.iter().any(|event| &*event.lane == lane && event.action == Action::HalfClose)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loopback::connected_pair;

    #[test]
    fn a_play_that_is_over_its_time_makes_no_call_and_waits_for_nobody() {
        let over = Pace::Until(Instant::now());
        let sequencer = Sequencer::new("", HashMap::new(), over);
        for lane in [CLIENT, SERVER] {
            for call in [Call::Recv(1), Call::Send(1)] {
                let error = sequencer.before(&lane.into(), call).unwrap_err();
                assert_eq!(error.kind(), io::ErrorKind::TimedOut, "{lane} {call:?}");
            }
        }
        let error = sequencer.wait_for_idle_server().unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }

    #[test]
    fn a_write_that_hangs_is_ended_with_the_play() {
        let (client, server) = connected_pair().unwrap();
        let sockets = HashMap::from([(CLIENT, PeekSocket::of(&client).unwrap())]);
        let time = Duration::from_secs(2);
        let sequencer = Sequencer::new("", sockets, Pace::Until(Instant::now() + time));
        sequencer.before(&CLIENT.into(), Call::Send(1)).unwrap();
        assert!(client.write_timeout().unwrap().unwrap() <= time);
        drop(server);
    }

    #[test]
    fn a_wait_for_an_end_that_never_comes_is_ended_with_the_play() {
        let soon = Pace::Until(Instant::now() + Duration::from_millis(50));
        let sequencer = Sequencer::new("", HashMap::new(), soon);
        // Nobody serves, so no server ever waits for a request.
        let error = sequencer.wait_for_idle_server().unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }
}
