//! Forces the order of events, so that a run is the same on every machine and every time.
//!
//! A recv begins only when there is something for it, and when all of that has arrived: what is on
//! its way would make the outcome a matter of luck. One end acts at a time: the client reads when the
//! server can do nothing more, and the server answers when the client waits and has read the answer
//! before. If both wait for bytes and none are on their way, the client's recv is let through, into
//! silence.

use std::collections::HashMap;
use std::io::{self, BufRead, Write};
use std::net::TcpStream;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use trace::{Action, Call, Event, Gate, Lane, Recorder, View};

/// The lane of the end that connects, and sends first.
pub(crate) const CLIENT: &str = "client";
/// The lane of the end that accepts.
pub(crate) const SERVER: &str = "server";

/// Nothing here takes long on a loopback; what takes this long will not happen any more.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// Lets each call through when its turn has come.
pub(crate) struct Director {
    recorder: Recorder,
    /// Enter is asked for before each call.
    step: bool,
    state: Mutex<State>,
}

/// No call stands for the end of the play.
type Waiting = HashMap<&'static str, Option<Call>>;

struct State {
    ears: HashMap<&'static str, Ear>,
    /// Lanes that wait for their turn, and the call that they will make then.
    waiting: Waiting,
    /// How many events `--step` has shown.
    shown: usize,
}

/// Where a lane's bytes arrive.
pub(crate) struct Ear {
    socket: TcpStream,
    view: Option<View>,
    last: Vec<u8>,
}

impl Ear {
    /// `stream` is the one that the lane reads from.
    pub(crate) fn of(stream: &TcpStream) -> io::Result<Ear> {
        let view = View::of(stream.local_addr()?, stream.peer_addr()?);
        Ok(Ear { socket: stream.try_clone()?, view, last: Vec::new() })
    }
}

impl Director {
    /// Without `ears` there is no stream: datagrams are sent and received in their order anyway.
    pub(crate) fn new(
        recorder: &Recorder,
        ears: HashMap<&'static str, Ear>,
        step: bool,
    ) -> Director {
        let state = Mutex::new(State { ears, waiting: Waiting::new(), shown: 0 });
        Director { recorder: recorder.clone(), step, state }
    }

    /// Waits until the server waits for a request, with every answer sent.
    pub(crate) fn server_is_idle(&self) -> io::Result<()> {
        self.wait(CLIENT, None, server_is_idle)
    }

    /// Records what each lane's kernel holds, once all that was sent has arrived, if it has changed.
    pub(crate) fn look(&self) -> io::Result<()> {
        for lane in [CLIENT, SERVER] {
            let held = self.recorder.with_events(|events| held(events, lane));
            if let Some(action) = self.look_at(lane, held)? {
                self.recorder.record(&lane.into(), action, None);
            }
        }
        Ok(())
    }

    fn look_at(&self, lane: &str, held: Vec<u8>) -> io::Result<Option<Action>> {
        let mut state = self.state();
        let Some(ear) = state.ears.get_mut(lane) else { return Ok(None) };
        if held == ear.last {
            return Ok(None);
        }
        arrived(&ear.socket, held.len())?;
        let kernel = ear.view.as_mut().and_then(View::look);
        ear.last.clone_from(&held);
        Ok(Some(Action::Look {
            held,
            unread: kernel.map(|kernel| kernel.unread),
            segments: kernel.and_then(|kernel| kernel.segments_received),
        }))
    }

    /// Says whose turn on the stage it is, for a person who steps through it.
    pub(crate) fn announce(&self, code: &str) {
        if self.step {
            _ = writeln!(io::stdout(), " {code}");
        }
    }

    /// Shows what has happened since the last call, and waits for Enter.
    pub(crate) fn pause(&self, next: &str) {
        if !self.step {
            return;
        }
        let events = self.recorder.events();
        let shown = std::mem::replace(&mut self.state().shown, events.len());
        // What a kernel holds is told as one run of bytes, and datagrams are not one.
        let is_stream = !self.state().ears.is_empty();
        let tells = |event: &&Event| is_stream || !matches!(event.action, Action::Look { .. });
        // Nobody may be looking; the play goes on.
        let mut out = io::stdout();
        for event in events.iter().skip(shown).filter(tells) {
            _ = writeln!(out, "  {}  {}", event.lane, event.action);
        }
        _ = write!(out, "  next: {next}  [Enter] ");
        _ = out.flush();
        _ = io::stdin().lock().read_line(&mut String::new());
    }

    /// Counts `lane` among those that wait, until it is `ready` for its call.
    fn wait(
        &self,
        lane: &'static str,
        call: Option<Call>,
        ready: impl Fn(&[Event], &Waiting) -> bool,
    ) -> io::Result<()> {
        self.state().waiting.insert(lane, call);
        let deadline = Instant::now() + PATIENCE;
        let mut passed = false;
        // A person who steps through the play may take all the time in the world.
        while !passed && (self.step || Instant::now() < deadline) {
            // A lane that begins to wait is no event, so the wait for events is cut in short ones.
            let moment = Duration::from_millis(2);
            // The recorder's lock is taken before the state's, here and nowhere the other way round.
            passed =
                self.recorder.wait_until(moment, |events| ready(events, &self.state().waiting));
        }
        self.state().waiting.remove(lane);
        let never = || io::Error::new(io::ErrorKind::TimedOut, "the other side never came");
        if passed { Ok(()) } else { Err(never()) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Gate for Director {
    fn before(&self, lane: &Lane, call: Call) -> io::Result<()> {
        match (&**lane, call) {
            (CLIENT, Call::Recv(_)) => self.wait(CLIENT, Some(call), |events, waiting| {
                let is_held_up = matches!(waiting.get(SERVER), Some(Some(Call::Send(_))));
                (is_held_up && !held(events, CLIENT).is_empty()) || server_is_idle(events, waiting)
            })?,
            (CLIENT, Call::Send(_)) => {}
            (_, Call::Recv(_)) => self.wait(SERVER, Some(call), |events, _| {
                !held(events, SERVER).is_empty() || ended(events, CLIENT)
            })?,
            (_, Call::Send(_)) => self.wait(SERVER, Some(call), |events, waiting| {
                waiting.contains_key(CLIENT) && held(events, CLIENT).is_empty()
            })?,
        }
        let next = match call {
            Call::Recv(size) => format!("{lane} recv({size})"),
            Call::Send(size) => format!("{lane} send {size}"),
        };
        self.look()?;
        self.pause(&next);
        Ok(())
    }
}

/// Whether the server waits for a request, and none is on its way.
fn server_is_idle(events: &[Event], waiting: &Waiting) -> bool {
    matches!(waiting.get(SERVER), Some(Some(Call::Recv(_)))) && held(events, SERVER).is_empty()
}

/// The bytes that were sent to `lane` and that it has not received.
fn held(events: &[Event], lane: &str) -> Vec<u8> {
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

fn ended(events: &[Event], lane: &str) -> bool {
    events.iter().any(|event| &*event.lane == lane && event.action == Action::HalfClose)
}

/// Waits until `count` bytes can be read from `socket`.
pub(crate) fn arrived(socket: &TcpStream, count: usize) -> io::Result<()> {
    let deadline = Instant::now() + PATIENCE;
    let mut bytes = vec![0; count];
    // To peek at nothing could wait for something.
    let mut here = 0;
    while here < count {
        here = match socket.peek(&mut bytes) {
            // The socket's own time-out is shorter than our patience.
            Err(error) if is_silence(&error) => 0,
            here => here?,
        };
        if here < count && Instant::now() > deadline {
            return Err(io::Error::new(io::ErrorKind::TimedOut, "what was sent never arrived"));
        }
        std::thread::yield_now();
    }
    Ok(())
}

/// Whether a wait for bytes has ended without any: Unix and Windows have a word each for it.
pub(crate) fn is_silence(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut)
}
