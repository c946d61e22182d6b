//! Plays a scenario: the lessons' own code, over real sockets, with the order of events forced.

use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream, UdpSocket};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use fault::{Sizes, SlicedReads};
use trace::{Action, Lane, Messages, Observer, Recorder, Tap};

use crate::director::{CLIENT, Director, Ear, PATIENCE, SERVER, is_silence};
use crate::report::{Carrier, Comparison, Side};
use crate::scenario::{Scenario, Story};

/// How long a reader that gets nothing waits before it gives up: the lessons' own time-outs would
/// only be longer.
const SILENCE: Duration = Duration::from_millis(200);

/// How long a message may be. The random ones of the sweep are the longest, and much shorter.
pub(crate) const LIMIT: usize = 1024 * 1024;

/// A scenario could not be played.
#[derive(Debug, thiserror::Error)]
#[error("cannot play {scenario}: {source}")]
pub struct StageError {
    scenario: String,
    source: io::Error,
}

/// Plays both sides of a scenario, the broken one first. With `step`, Enter is asked for before
/// each call.
///
/// # Errors
/// When this machine has no loopback to play on.
pub fn perform(scenario: &Scenario, step: bool) -> Result<Comparison, StageError> {
    let failed = |source| StageError { scenario: scenario.name.clone().into_owned(), source };
    let (messages, sides) = match &scenario.story {
        Story::OneWay { messages, reads } => (messages, play_one_way(messages, reads, step)),
        Story::CutHeader { messages, arrivals } => {
            (messages, play_cut_header(messages, arrivals, step))
        }
        Story::Asks { requests } => (requests, play_asks(requests, step)),
        Story::Udp { messages } => (messages, play_udp(messages, step)),
    };
    let (mut broken, mut fixed) = sides.map_err(failed)?;
    let sent = bytes(messages);
    let asks = matches!(scenario.story, Story::Asks { .. });
    let expected: Vec<Vec<u8>> =
        if asks { sent.iter().map(|request| answer(request)).collect() } else { sent.clone() };
    for side in [&mut broken, &mut fixed] {
        side.right = side.error.is_none() && side.got == expected;
    }
    Ok(Comparison {
        name: scenario.name.clone().into_owned(),
        title: scenario.title.clone().into_owned(),
        why: scenario.why.clone().into_owned(),
        asks,
        sent,
        expected,
        command: scenario.command(),
        broken,
        fixed,
    })
}

/// The remote command of these lessons, without running anything: `seq`, `echo` and `true` print the
/// same on every system, and so the picture is the same.
pub(crate) fn answer(request: &[u8]) -> Vec<u8> {
    let request = String::from_utf8_lossy(request);
    let words: Vec<&str> = request.split_whitespace().collect();
    match words.as_slice() {
        ["echo", words @ ..] => format!("{}\n", words.join(" ")).into_bytes(),
        ["seq", "-s", "'", "'", first, last] => match (first.parse::<u32>(), last.parse::<u32>()) {
            (Ok(first), Ok(last)) => {
                let numbers: Vec<String> = (first..=last).map(|n| n.to_string()).collect();
                format!("{}\n", numbers.join(" ")).into_bytes()
            }
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

/// What a reader's end came to.
type Outcome = Result<(), Box<dyn std::error::Error + Send + Sync>>;

fn play_one_way(messages: &[String], reads: &[usize], step: bool) -> io::Result<(Side, Side)> {
    let broken = without_length(messages, reads, step)?;
    let fixed = one_way(
        "FIXED lesson03: 4-byte length",
        Carrier::FramedStream,
        step,
        |stream| send_framed(stream, messages),
        |tap, observer| Ok(lesson03_server::converse(tap, LIMIT, |_| None, observer)?),
        // The fixed reader asks for what it needs, so the same cuts are made on the way.
        Sizes::listed(reads.to_vec()),
    )?;
    Ok((broken, fixed))
}

/// Lesson 02, one way: the broken side alone.
fn without_length(messages: &[String], reads: &[usize], step: bool) -> io::Result<Side> {
    let sizes = Sizes::listed(reads.to_vec());
    let most = reads.iter().copied().max().unwrap_or(1);
    one_way(
        "BROKEN lesson02: no length",
        Carrier::Stream,
        step,
        |stream| send_all(messages, |message| lesson02_client::send_message(stream, message)),
        // The sizes are the program's own here, so the recorder sees what it asks for.
        |tap, observer| {
            let mut stream = SlicedReads::new(tap, sizes);
            Ok(lesson02_server::converse(&mut stream, most, |_| None, observer)?)
        },
        Sizes::every(LIMIT),
    )
}

fn play_cut_header(
    messages: &[String],
    arrivals: &[usize],
    step: bool,
) -> io::Result<(Side, Side)> {
    let sizes = Sizes::listed(arrivals.to_vec());
    let send = |stream: &mut Stream| send_framed(stream, messages);
    let broken = one_way(
        "BROKEN one recv(4) for a length",
        Carrier::FramedStream,
        step,
        send,
        receive_bare,
        sizes.clone(),
    )?;
    let fixed = one_way(
        "FIXED lesson03: recv in a loop",
        Carrier::FramedStream,
        step,
        send,
        |tap, observer| Ok(lesson03_server::converse(tap, LIMIT, |_| None, observer)?),
        sizes,
    )?;
    Ok((broken, fixed))
}

/// The tutorial's way to read a length, as its Python programs do it.
fn receive_bare(stream: &mut Stream, observer: &mut Collected) -> Outcome {
    loop {
        let mut header = [0; 4];
        // BROKEN: one recv is taken for all 4 bytes.
        let got = stream.read(&mut header)?;
        if got == 0 {
            return Ok(());
        }
        if got < header.len() {
            return Err(format!("a length of {got} bytes?").into());
        }
        let length = usize::try_from(i32::from_le_bytes(header))?.min(LIMIT);
        let mut message = vec![0; length];
        // BROKEN: and one recv for all of the message.
        let got = stream.read(&mut message)?;
        message.truncate(got);
        observer.received(&message);
    }
}

/// A stream under observation, whose reads may be cut.
type Stream = Tap<SlicedReads<TcpStream>>;

/// What came out, recorded and kept.
struct Collected {
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

/// The client sends everything and half-closes; then the server reads until the end.
fn one_way(
    code: &str,
    carrier: Carrier,
    step: bool,
    send: impl FnOnce(&mut Stream) -> io::Result<()>,
    receive: impl FnOnce(&mut Stream, &mut Collected) -> Outcome,
    cuts: Sizes,
) -> io::Result<Side> {
    let recorder = Recorder::keeping();
    let (director, mut client, mut server) = connect(&recorder, cuts, step)?;
    director.announce(code);
    send(&mut client.tap)?;
    client.half_close(&recorder)?;
    let mut collected = Collected { messages: recorder.messages(SERVER), got: Vec::new() };
    let outcome = receive(&mut server.tap, &mut collected);
    director.look()?;
    director.pause("the verdict");
    Ok(side(code, carrier, &recorder, collected.got, outcome))
}

fn play_asks(requests: &[String], step: bool) -> io::Result<(Side, Side)> {
    let broken = asks(
        "BROKEN one recv = one reply",
        Carrier::Stream,
        step,
        requests,
        |server| {
            let answer = |request: &[u8]| Some(answer(request));
            lesson02_server::converse(server, lesson02_server::LIMIT, answer, &mut ())
        },
        |client, request, got| lesson02_client::ask(client, request, lesson02_client::LIMIT, got),
    )?;
    let fixed = asks(
        "FIXED recv until the length is met",
        Carrier::FramedStream,
        step,
        requests,
        |server| {
            let answer = |request: &[u8]| Some(answer(request));
            lesson03_server::converse(server, LIMIT, answer, &mut ()).map_err(io::Error::other)
        },
        |client, request, got| {
            lesson03_client::ask(client, request, LIMIT, got).map_err(io::Error::other)
        },
    )?;
    Ok((broken, fixed))
}

/// The server converses in a thread of its own; the client asks its questions in turn.
fn asks(
    code: &str,
    carrier: Carrier,
    step: bool,
    requests: &[String],
    serve: impl FnOnce(&mut Stream) -> io::Result<()> + Send,
    mut ask: impl FnMut(&mut Stream, &[u8], &mut Vec<Vec<u8>>) -> io::Result<bool>,
) -> io::Result<Side> {
    let recorder = Recorder::keeping();
    let (director, mut client, mut server) = connect(&recorder, Sizes::every(LIMIT), step)?;
    director.announce(code);
    let mut got = Vec::new();
    thread::scope(|scope| -> io::Result<()> {
        let serving = scope.spawn(|| serve(&mut server.tap));
        let mut messages = recorder.messages(CLIENT);
        for request in requests {
            let before = got.len();
            match ask(&mut client.tap, request.as_bytes(), &mut got) {
                Ok(_) => {}
                // The time-out of a reader that nothing has come for: it goes on to the next one.
                Err(error) if is_silence(&error) => got.push(NOTHING.into()),
                Err(error) => return Err(error),
            }
            got.iter().skip(before).for_each(|reply| messages.received(reply));
        }
        director.server_is_idle()?;
        director.look()?;
        client.half_close(&recorder)?;
        serving.join().unwrap_or_else(|_| Err(io::Error::other("the server ended in a panic")))
    })?;
    director.pause("the verdict");
    Ok(side(code, carrier, &recorder, got, Ok(())))
}

/// What a client that waits in vain has to show for an answer.
pub(crate) const NOTHING: &str = "(nothing)";

fn play_udp(messages: &[String], step: bool) -> io::Result<(Side, Side)> {
    let broken = without_length(messages, &[lesson02_server::LIMIT], step)?;
    Ok((broken, datagrams("UDP: a datagram each", messages, step)?))
}

/// Lesson 04's subject in a nutshell: each send a datagram, each recv one of them.
fn datagrams(code: &str, messages: &[String], step: bool) -> io::Result<Side> {
    let recorder = Recorder::keeping();
    // The order is forced by this very function; the director only waits for Enter.
    let director = Director::new(&recorder, HashMap::new(), step);
    director.announce(code);
    let [client, server] = [CLIENT, SERVER].map(Lane::from);
    let receiver = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    let sender = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    receiver.set_read_timeout(Some(SILENCE))?;
    sender.connect(receiver.local_addr()?)?;
    let mut held = Vec::new();
    for message in bytes(messages) {
        director.pause(&format!("{CLIENT} send {}", message.len()));
        sender.send(&message)?;
        held.extend_from_slice(&message);
        recorder.record(&client, Action::Send { asked: message.len(), bytes: message }, None);
    }
    recorder.record(&server, Action::Look { held, unread: None, segments: None }, None);
    let mut got = Vec::new();
    for _ in messages {
        let mut buffer = [0; lesson02_server::LIMIT];
        director.pause(&format!("{SERVER} recv({})", buffer.len()));
        let count = receiver.recv(&mut buffer)?;
        let message = buffer.get(..count).unwrap_or_default().to_vec();
        let action = Action::Recv { asked: buffer.len(), bytes: message.clone() };
        recorder.record(&server, action, None);
        recorder.messages(SERVER).received(&message);
        got.push(message);
    }
    director.pause("the verdict");
    Ok(side(code, Carrier::Datagrams, &recorder, got, Ok(())))
}

fn side(
    code: &str,
    carrier: Carrier,
    recorder: &Recorder,
    got: Vec<Vec<u8>>,
    outcome: Outcome,
) -> Side {
    let error = outcome.err().map(|error| error.to_string());
    Side { code: code.to_owned(), carrier, events: recorder.events(), got, error, right: false }
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
        director: &Arc<Director>,
        lane: &str,
    ) -> io::Result<End> {
        stream.set_read_timeout(Some(SILENCE))?;
        let socket = stream.try_clone()?;
        let tap = Tap::new(SlicedReads::new(stream, cuts), recorder, lane);
        Ok(End { tap: tap.with_gate(director.clone()), socket })
    }

    fn half_close(&self, recorder: &Recorder) -> io::Result<()> {
        self.socket.shutdown(Shutdown::Write)?;
        recorder.record(&CLIENT.into(), Action::HalfClose, None);
        Ok(())
    }
}

/// Two ends of a TCP connection over the loopback, both under observation; `cuts` are made in what
/// the server reads.
fn connect(recorder: &Recorder, cuts: Sizes, step: bool) -> io::Result<(Arc<Director>, End, End)> {
    let (client, server) = pair()?;
    let ears = HashMap::from([(CLIENT, Ear::of(&client)?), (SERVER, Ear::of(&server)?)]);
    let director = Arc::new(Director::new(recorder, ears, step));
    let client = End::new(client, Sizes::every(LIMIT), recorder, &director, CLIENT)?;
    let server = End::new(server, cuts, recorder, &director, SERVER)?;
    Ok((director, client, server))
}

/// Two ends of a TCP connection over the loopback. Without Nagle's algorithm, every send is a
/// segment of its own; what meets then meets in the receiver's kernel.
pub(crate) fn pair() -> io::Result<(TcpStream, TcpStream)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let client = TcpStream::connect(listener.local_addr()?)?;
    client.set_nodelay(true)?;
    // All of it fits in the kernel's buffers, unless somebody has made these very small.
    client.set_write_timeout(Some(PATIENCE))?;
    loop {
        let (server, peer) = listener.accept()?;
        // Any program on this machine could have called in between.
        if peer == client.local_addr()? {
            server.set_nodelay(true)?;
            return Ok((client, server));
        }
    }
}

fn send_all(messages: &[String], mut send: impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
    messages.iter().try_for_each(|message| send(message.as_bytes()))
}

fn send_framed(stream: &mut impl Write, messages: &[String]) -> io::Result<()> {
    send_all(messages, |message| {
        lesson03_client::send_message(stream, message).map_err(io::Error::other)
    })
}

fn bytes(messages: &[String]) -> Vec<Vec<u8>> {
    messages.iter().map(|message| message.clone().into_bytes()).collect()
}
