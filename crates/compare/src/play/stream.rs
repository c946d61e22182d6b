//! Plays over a TCP connection: messages in one direction, or requests and their answers.

use std::collections::HashMap;
use std::io;
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use fault::{Sizes, SlicedReads};
use trace::{Action, Messages, Observer, Recorder, Tap};

use crate::comparison::{Side, Transport};
use crate::loopback::{MAX_MESSAGE, connected_pair, is_timeout};
use crate::sequencer::{CLIENT, PeekSocket, SERVER, Sequencer, Stepper};

/// How long a reader that gets nothing waits before it gives up: the lessons' own time-outs would
/// only be longer.
pub(super) const READ_TIMEOUT: Duration = Duration::from_millis(200);

/// What a client that waits in vain has to show for an answer.
const NO_ANSWER: &str = "(nothing)";

/// Who is asked before each call.
pub(super) type Steps = Option<Arc<dyn Stepper>>;

/// What a reader's end came to.
pub(super) type Outcome = Result<(), Box<dyn std::error::Error + Send + Sync>>;

/// A stream under observation, whose reads may be cut.
pub(super) type Stream = Tap<SlicedReads<TcpStream>>;

/// The messages that came out, recorded and kept.
pub(super) struct Collected {
    messages: Messages,
    got: Vec<Vec<u8>>,
}

impl Observer for Collected {
    fn received(&mut self, message: &[u8]) {
        self.messages.received(message);
        self.got.push(message.to_vec());
    }
    fn sent(&mut self, _: &[u8]) {}
}

/// The client sends everything and half-closes; then the server reads until the end. `cuts` are made in
/// what it reads.
pub(super) fn one_way(
    code: &str,
    transport: Transport,
    steps: &Steps,
    send: impl FnOnce(&mut Stream) -> io::Result<()>,
    receive: impl FnOnce(&mut Stream, &mut Collected) -> Outcome,
    cuts: Sizes,
) -> io::Result<Side> {
    let recorder = Recorder::keeping();
    let (sequencer, mut client, mut server) = connect(&recorder, cuts, steps)?;
    sequencer.begin(code);
    send(&mut client.tap)?;
    client.half_close(&recorder)?;
    let mut collected = Collected { messages: recorder.messages(SERVER), got: Vec::new() };
    let outcome = receive(&mut server.tap, &mut collected);
    sequencer.look()?;
    sequencer.step("the verdict");
    Ok(side(code, transport, &recorder, collected.got, outcome))
}

/// The server converses in a thread of its own; the client asks its questions in turn.
pub(super) fn request_response(
    code: &str,
    transport: Transport,
    steps: &Steps,
    requests: &[String],
    serve: impl FnOnce(&mut Stream) -> io::Result<()> + Send,
    mut ask: impl FnMut(&mut Stream, &[u8], &mut Vec<Vec<u8>>) -> io::Result<bool>,
) -> io::Result<Side> {
    let recorder = Recorder::keeping();
    let (sequencer, mut client, mut server) = connect(&recorder, Sizes::every(MAX_MESSAGE), steps)?;
    sequencer.begin(code);
    let mut got = Vec::new();
    thread::scope(|scope| -> io::Result<()> {
        let serving = scope.spawn(|| serve(&mut server.tap));
        let mut messages = recorder.messages(CLIENT);
        for request in requests {
            let before = got.len();
            match ask(&mut client.tap, request.as_bytes(), &mut got) {
                Ok(_) => {}
                // The time-out of a reader that nothing has come for: it goes on to the next one.
                Err(error) if is_timeout(&error) => got.push(NO_ANSWER.into()),
                Err(error) => return Err(error),
            }
            got.iter().skip(before).for_each(|reply| messages.received(reply));
        }
        sequencer.wait_for_idle_server()?;
        sequencer.look()?;
        client.half_close(&recorder)?;
        serving.join().unwrap_or_else(|_| Err(io::Error::other("the server ended in a panic")))
    })?;
    sequencer.step("the verdict");
    Ok(side(code, transport, &recorder, got, Ok(())))
}

/// A side that has been played. Whether it is right is not known here.
pub(super) fn side(
    code: &str,
    transport: Transport,
    recorder: &Recorder,
    got: Vec<Vec<u8>>,
    outcome: Outcome,
) -> Side {
    let error = outcome.err().map(|error| error.to_string());
    Side { code: code.to_owned(), transport, events: recorder.events(), got, error, right: false }
}

/// One end of the connection.
struct End {
    tap: Stream,
    socket: TcpStream,
}

impl End {
    fn new(
        stream: TcpStream,
        cuts: Sizes,
        recorder: &Recorder,
        sequencer: &Arc<Sequencer>,
        lane: &str,
    ) -> io::Result<End> {
        stream.set_read_timeout(Some(READ_TIMEOUT))?;
        let socket = stream.try_clone()?;
        let tap = Tap::new(SlicedReads::new(stream, cuts), recorder, lane);
        Ok(End { tap: tap.with_gate(sequencer.clone()), socket })
    }

    fn half_close(&self, recorder: &Recorder) -> io::Result<()> {
        self.socket.shutdown(Shutdown::Write)?;
        recorder.record(&CLIENT.into(), Action::HalfClose, None);
        Ok(())
    }
}

/// Two ends of a TCP connection over the loopback, both under observation; `cuts` are made in what
/// the server reads.
fn connect(
    recorder: &Recorder,
    cuts: Sizes,
    steps: &Steps,
) -> io::Result<(Arc<Sequencer>, End, End)> {
    let (client, server) = connected_pair()?;
    let sockets =
        HashMap::from([(CLIENT, PeekSocket::of(&client)?), (SERVER, PeekSocket::of(&server)?)]);
    let sequencer = Arc::new(Sequencer::new(recorder, sockets, steps.clone()));
    let client = End::new(client, Sizes::every(MAX_MESSAGE), recorder, &sequencer, CLIENT)?;
    let server = End::new(server, cuts, recorder, &sequencer, SERVER)?;
    Ok((sequencer, client, server))
}
