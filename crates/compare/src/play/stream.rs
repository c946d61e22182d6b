//! Plays over a TCP connection: messages in one direction, or requests and their answers.

use std::collections::HashMap;
use std::io;
use std::net::TcpStream;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use fault::{Sizes, SlicedReads};
use rust_i18n::t;
use trace::{Action, Event, Messages, Observer, Tap};

use crate::comparison::{CLIENT, Code, NO_ANSWER, ReadError, SERVER, Side, Transport};
use crate::loopback::{MAX_MESSAGE, connected_pair, is_timeout};
use crate::sequencer::{Pace, PeekSocket, Sequencer};
use crate::words;

/// How long a reader that gets nothing waits before it gives up: the lessons' own time-outs would
/// only be longer.
pub(super) const READ_TIMEOUT: Duration = Duration::from_millis(200);

/// What a reader's end came to.
pub(crate) type Outcome = Result<(), Box<dyn std::error::Error + Send + Sync>>;

/// A stream under observation, whose reads may be cut.
pub(crate) type Stream = Tap<SlicedReads<TcpStream>>;

/// The client sends everything and half-closes; then the server reads until the end. `cuts` are made in
/// what it reads.
pub(super) fn one_way(
    code: Code,
    transport: Transport,
    pace: &Pace,
    send: impl FnOnce(&mut Stream) -> io::Result<()>,
    receive: impl FnOnce(&mut Stream, &mut Messages) -> Outcome,
    cuts: Sizes,
) -> io::Result<Side> {
    let (sequencer, mut client, mut server) = connect(&code, cuts, pace)?;
    send(&mut client)?;
    sequencer.half_close()?;
    let outcome = receive(&mut server, &mut sequencer.recorder.messages(SERVER));
    sequencer.look()?;
    Ok(side(code, transport, &sequencer, outcome))
}

/// The server converses in a thread of its own; the client asks its questions in turn.
pub(super) fn request_response(
    code: Code,
    transport: Transport,
    pace: &Pace,
    requests: &[String],
    serve: impl FnOnce(&mut Stream) -> io::Result<()> + Send,
    mut ask: impl FnMut(&mut Stream, &[u8], &mut Messages) -> io::Result<bool>,
) -> io::Result<Side> {
    let (sequencer, mut client, mut server) = connect(&code, Sizes::every(MAX_MESSAGE), pace)?;
    thread::scope(|scope| -> io::Result<()> {
        let serving = scope.spawn(|| serve(&mut server));
        let mut messages = sequencer.recorder.messages(CLIENT);
        for request in requests {
            match ask(&mut client, request.as_bytes(), &mut messages) {
                Ok(_) => {}
                // The time-out of a reader that nothing has come for: it goes on to the next one.
                Err(error) if is_timeout(&error) => messages.received(NO_ANSWER.as_bytes()),
                Err(error) => return Err(error),
            }
        }
        sequencer.wait_for_idle_server()?;
        sequencer.look()?;
        sequencer.half_close()?;
        serving.join().unwrap_or_else(|_| Err(io::Error::other(t!("the server ended in a panic"))))
    })?;
    Ok(side(code, transport, &sequencer, Ok(())))
}

/// A side that has been played. Whether it is right is not known here.
pub(super) fn side(
    code: Code,
    transport: Transport,
    sequencer: &Sequencer,
    outcome: Outcome,
) -> Side {
    sequencer.step(&t!("the verdict"));
    let events = sequencer.recorder.events();
    // Only the reader's messages are recorded.
    let message = |event: &Event| match &event.action {
        Action::Message { bytes } => Some(bytes.clone()),
        _ => None,
    };
    let got = events.iter().filter_map(message).collect();
    let error = outcome.err().map(read_error);
    Side { code, transport, events, got, error, right: false }
}

/// Why a reader gave up, as far as we have words of our own for it.
pub(crate) fn read_error(error: Box<dyn std::error::Error + Send + Sync>) -> ReadError {
    match error.downcast() {
        Ok(error) => *error,
        Err(error) => ReadError::Other(error.to_string()),
    }
}

/// Two ends of a TCP connection over the loopback, both under observation; `cuts` are made in what
/// the server reads.
pub(crate) fn connect(
    code: &Code,
    cuts: Sizes,
    pace: &Pace,
) -> io::Result<(Arc<Sequencer>, Stream, Stream)> {
    let (client, server) = connected_pair()?;
    let sockets =
        HashMap::from([(CLIENT, PeekSocket::of(&client)?), (SERVER, PeekSocket::of(&server)?)]);
    let sequencer = Arc::new(Sequencer::new(&words::code(code), sockets, pace.clone()));
    let tap = |stream: TcpStream, cuts, lane| -> io::Result<Stream> {
        stream.set_read_timeout(Some(READ_TIMEOUT))?;
        let tap = Tap::new(SlicedReads::new(stream, cuts), &sequencer.recorder, lane);
        Ok(tap.with_gate(sequencer.clone()))
    };
    let client = tap(client, Sizes::every(MAX_MESSAGE), CLIENT)?;
    let server = tap(server, cuts, SERVER)?;
    Ok((sequencer, client, server))
}
