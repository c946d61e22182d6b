//! Where all events go.

use std::fmt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::{Action, Event, Kernel, Lane, Observer};

type Sink = Box<dyn FnMut(&Event) + Send>;

/// Takes events from any number of threads and gives each its time.
///
/// A clone records into the same list.
#[derive(Clone)]
pub struct Recorder(Arc<Shared>);

struct Shared {
    start: Instant,
    state: Mutex<State>,
    changed: Condvar,
}

enum State {
    Kept(Vec<Event>),
    Live(Sink),
}

impl Recorder {
    /// Keeps every event, with all of its bytes, until the recorder is dropped.
    pub fn keeping() -> Recorder {
        Recorder::with(State::Kept(Vec::new()))
    }

    /// Hands every event to `sink` as it happens, and keeps none: for runs that have no end.
    pub fn live(sink: impl FnMut(&Event) + Send + 'static) -> Recorder {
        Recorder::with(State::Live(Box::new(sink)))
    }

    /// Adds an event that happened now.
    pub fn record(&self, lane: &Lane, action: Action, kernel: Option<Kernel>) {
        let mut state = self.state();
        // The clock is read under the lock, so that the order of events is also the order of times.
        let event = Event { at: self.0.start.elapsed(), lane: lane.clone(), action, kernel };
        match &mut *state {
            State::Kept(events) => events.push(event),
            State::Live(sink) => sink(&event),
        }
        drop(state);
        self.0.changed.notify_all();
    }

    /// All events so far; none from a live recorder.
    pub fn events(&self) -> Vec<Event> {
        self.with_events(<[Event]>::to_vec)
    }

    /// Lends the events so far to `read`, without a copy; none from a live recorder. Nothing can be
    /// recorded meanwhile.
    pub fn with_events<R>(&self, read: impl FnOnce(&[Event]) -> R) -> R {
        match &*self.state() {
            State::Kept(events) => read(events),
            State::Live(_) => read(&[]),
        }
    }

    /// Waits until the events so far satisfy `ready`; false if that took longer than `timeout`.
    pub fn wait_until(&self, timeout: Duration, ready: impl Fn(&[Event]) -> bool) -> bool {
        let waiting = |state: &mut State| match state {
            State::Kept(events) => !ready(events),
            State::Live(_) => false,
        };
        let waited = self.0.changed.wait_timeout_while(self.state(), timeout, waiting);
        let (_state, outcome) = waited.unwrap_or_else(PoisonError::into_inner);
        !outcome.timed_out()
    }

    /// An observer that records each message received on `lane`.
    pub fn messages(&self, lane: impl Into<Lane>) -> Messages {
        Messages { recorder: self.clone(), lane: lane.into() }
    }

    fn with(state: State) -> Recorder {
        let shared =
            Shared { start: Instant::now(), state: Mutex::new(state), changed: Condvar::new() };
        Recorder(Arc::new(shared))
    }

    /// The state, even after a panic: a thread that panicked while it recorded has lost no event of
    /// the others.
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorder").field("age", &self.0.start.elapsed()).finish_non_exhaustive()
    }
}

/// Records the messages that come out on a lane; see [`Recorder::messages`].
#[derive(Debug)]
pub struct Messages {
    recorder: Recorder,
    lane: Lane,
}

impl Observer for Messages {
    fn received(&mut self, message: &[u8]) {
        self.recorder.record(&self.lane, Action::Message { bytes: message.to_vec() }, None);
    }
    fn sent(&mut self, _: &[u8]) {}
}
