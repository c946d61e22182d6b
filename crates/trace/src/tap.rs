//! A stream that tells the recorder what was asked of it.

use std::fmt;
use std::io::{self, Read, Write};
use std::sync::Arc;

use crate::{Action, Call, KernelView, Lane, Recorder};

/// A gate is asked before each call on a [`Tap`]; the call is made when it returns.
///
/// A gate that waits forces an order of events. A gate that fails makes the call fail.
pub trait Gate: Send + Sync {
    /// Waits until `lane` may make `call`.
    ///
    /// # Errors
    /// The call is then not made, and fails with this error.
    fn before(&self, lane: &Lane, call: Call) -> io::Result<()>;
}

/// A `Read + Write` that records each call on its way to the stream inside.
pub struct Tap<S> {
    stream: S,
    recorder: Recorder,
    lane: Lane,
    gate: Option<Arc<dyn Gate>>,
    kernel: Option<KernelView>,
}

impl<S> Tap<S> {
    /// Records the calls on `stream` as those of `lane`.
    pub fn new(stream: S, recorder: &Recorder, lane: impl Into<Lane>) -> Tap<S> {
        Tap { stream, recorder: recorder.clone(), lane: lane.into(), gate: None, kernel: None }
    }

    /// Asks `gate` before each call.
    #[must_use]
    pub fn with_gate(mut self, gate: Arc<dyn Gate>) -> Tap<S> {
        self.gate = Some(gate);
        self
    }

    /// Records what `view` shows of the kernel after each call; `None` where it cannot be seen.
    #[must_use]
    pub fn with_kernel(mut self, view: Option<KernelView>) -> Tap<S> {
        self.kernel = view;
        self
    }

    /// The stream inside.
    pub fn get_ref(&self) -> &S {
        &self.stream
    }

    /// The stream inside, without the tap.
    pub fn into_inner(self) -> S {
        self.stream
    }

    /// The stream inside, for calls that are not to be recorded.
    pub fn get_mut(&mut self) -> &mut S {
        &mut self.stream
    }

    fn ask_gate(&self, call: Call) -> io::Result<()> {
        self.gate.as_ref().map_or(Ok(()), |gate| gate.before(&self.lane, call))
    }

    fn record(&mut self, action: Action) {
        let kernel = self.kernel.as_mut().and_then(KernelView::snapshot);
        self.recorder.record(&self.lane, action, kernel);
    }

    fn record_failure(&mut self, call: &'static str, error: &io::Error) {
        self.record(Action::Failed { call, error: error.to_string() });
    }
}

impl<S: Read> Read for Tap<S> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let asked = buffer.len();
        self.ask_gate(Call::Recv(asked))?;
        let outcome = self.stream.read(buffer);
        match &outcome {
            Ok(got) => {
                let bytes = buffer.get(..*got).unwrap_or_default().to_vec();
                self.record(Action::Recv { asked, bytes });
            }
            Err(error) => self.record_failure("recv", error),
        }
        outcome
    }
}

impl<S: Write> Write for Tap<S> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.ask_gate(Call::Send(bytes.len()))?;
        let outcome = self.stream.write(bytes);
        match &outcome {
            Ok(taken) => {
                let taken = bytes.get(..*taken).unwrap_or_default().to_vec();
                self.record(Action::Send { asked: bytes.len(), bytes: taken });
            }
            Err(error) => self.record_failure("send", error),
        }
        outcome
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

impl<S: fmt::Debug> fmt::Debug for Tap<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tap")
            .field("lane", &self.lane)
            .field("stream", &self.stream)
            .finish_non_exhaustive()
    }
}
