//! A stream that tells the recorder what was asked of it.

use std::fmt;
use std::io::{self, Read, Write};
use std::sync::Arc;

use crate::{Action, Call, Lane, Recorder, View};

/// Asked before each call on a [`Tap`]; the call is made when it returns.
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
    kernel: Option<View>,
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

    /// Looks at the kernel through `view` after each call; `None` where it cannot be seen.
    #[must_use]
    pub fn with_kernel(mut self, view: Option<View>) -> Tap<S> {
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

    fn pass(&self, call: Call) -> io::Result<()> {
        self.gate.as_ref().map_or(Ok(()), |gate| gate.before(&self.lane, call))
    }

    fn record(&mut self, action: Action) {
        let kernel = self.kernel.as_mut().and_then(View::look);
        self.recorder.record(&self.lane, action, kernel);
    }

    fn record_failure(&mut self, call: &'static str, error: &io::Error) {
        self.record(Action::Failed { call, error: error.to_string() });
    }
}

impl<S: Read> Read for Tap<S> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let asked = buffer.len();
        self.pass(Call::Recv(asked))?;
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
        self.pass(Call::Send(bytes.len()))?;
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

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    #[test]
    fn every_call_is_recorded_with_what_was_asked_and_what_came() {
        let recorder = Recorder::keeping();
        let mut tap = Tap::new(Cursor::new(b"hello".to_vec()), &recorder, "client");
        tap.read_exact(&mut [0; 2]).unwrap();
        let got = [tap.read(&mut [0; 9]).unwrap(), tap.read(&mut [0; 9]).unwrap()];
        assert_eq!(got, [3, 0]);
        let actions: Vec<Action> =
            recorder.events().into_iter().map(|event| event.action).collect();
        assert_eq!(actions[0], Action::Recv { asked: 2, bytes: b"he".to_vec() });
        assert_eq!(actions[1], Action::Recv { asked: 9, bytes: b"llo".to_vec() });
        assert!(
            matches!(&actions[2], Action::Recv { bytes, .. } if bytes.is_empty()),
            "{actions:?}"
        );
    }

    #[test]
    fn a_gate_that_refuses_keeps_the_call_from_the_stream() {
        struct Shut;
        impl Gate for Shut {
            fn before(&self, _: &Lane, _: Call) -> io::Result<()> {
                Err(io::Error::other("shut"))
            }
        }
        let recorder = Recorder::keeping();
        let mut tap = Tap::new(Cursor::new(vec![]), &recorder, "client").with_gate(Arc::new(Shut));
        assert_eq!(tap.write(b"x").unwrap_err().to_string(), "shut");
        assert!(recorder.events().is_empty(), "{:?}", recorder.events());
    }
}
