//! The code that is compared: for each kind of exchange, what stands on the left and what on the right.

use std::io::{self, Read, Write};

use fault::{Sizes, SlicedReads};
use language::text;
use trace::{Messages, Observer};

use super::datagrams::datagrams;
use super::stream::{Outcome, Stream, one_way, request_response};
use crate::comparison::{Code, ReadError, Side, Transport};
use crate::loopback::MAX_MESSAGE;
use crate::scenario::{Exchange, Scenario};
use crate::sequencer::Pace;

/// Plays both sides, the broken one first.
pub(super) fn play(scenario: &Scenario, pace: &Pace) -> io::Result<(Side, Side)> {
    let messages = &scenario.messages;
    Ok(match &scenario.exchange {
        // The fixed reader asks for what it needs, so the same cuts are made on the way.
        Exchange::OneWay { reads } => (
            without_length(messages, reads, pace)?,
            with_length(Code::fixed(text!("lesson03: 4-byte length")), messages, reads, pace)?,
        ),
        Exchange::CutHeader { arrivals } => (
            with_one_recv(messages, arrivals, pace)?,
            with_length(Code::fixed(text!("lesson03: recv in a loop")), messages, arrivals, pace)?,
        ),
        Exchange::RequestResponse => {
            (ask_without_length(messages, pace)?, ask_with_length(messages, pace)?)
        }
        Exchange::Datagrams => (
            without_length(messages, &[lesson02_server::LIMIT], pace)?,
            datagrams(Code::plain(text!("UDP: a datagram each")), messages, pace)?,
        ),
    })
}

/// The remote command of these lessons, without running anything: `seq`, `echo` and `true` print the
/// same on every system, and so the picture is the same.
pub(super) fn answer(request: &[u8]) -> Vec<u8> {
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

fn respond(request: &[u8]) -> Option<Vec<u8>> {
    Some(answer(request))
}

/// Lesson 02, in one direction.
fn without_length(messages: &[String], reads: &[usize], pace: &Pace) -> io::Result<Side> {
    let sizes = Sizes::listed(reads.to_vec());
    let largest = reads.iter().copied().max().unwrap_or(1);
    one_way(
        Code::broken(text!("lesson02: no length")),
        Transport::Stream,
        pace,
        |stream| send_unframed(stream, messages),
        // The sizes are the program's own here, so the recorder sees what it asks for.
        |tap, observer| {
            let mut stream = SlicedReads::new(tap, sizes);
            Ok(lesson02_server::converse(&mut stream, largest, |_| None, observer)?)
        },
        Sizes::every(MAX_MESSAGE),
    )
}

/// Lesson 03, in one direction.
fn with_length(
    code: Code,
    messages: &[String],
    arrivals: &[usize],
    pace: &Pace,
) -> io::Result<Side> {
    one_way(
        code,
        Transport::FramedStream,
        pace,
        |stream| send_framed(stream, messages),
        |tap, observer| Ok(lesson03_server::converse(tap, MAX_MESSAGE, |_| None, observer)?),
        Sizes::listed(arrivals.to_vec()),
    )
}

/// The tutorial's way to read a length, with pieces of these sizes.
fn with_one_recv(messages: &[String], arrivals: &[usize], pace: &Pace) -> io::Result<Side> {
    one_way(
        Code::broken(text!("one recv(4) for a length")),
        Transport::FramedStream,
        pace,
        |stream| send_framed(stream, messages),
        receive_with_one_recv,
        Sizes::listed(arrivals.to_vec()),
    )
}

/// Lesson 02's remote command.
fn ask_without_length(requests: &[String], pace: &Pace) -> io::Result<Side> {
    request_response(
        Code::broken(text!("one recv = one reply")),
        Transport::Stream,
        pace,
        requests,
        |server| lesson02_server::converse(server, lesson02_server::LIMIT, respond, &mut ()),
        |client, request, got| lesson02_client::ask(client, request, lesson02_client::LIMIT, got),
    )
}

/// Lesson 03's remote command.
fn ask_with_length(requests: &[String], pace: &Pace) -> io::Result<Side> {
    request_response(
        Code::fixed(text!("recv until the length is met")),
        Transport::FramedStream,
        pace,
        requests,
        |server| {
            lesson03_server::converse(server, MAX_MESSAGE, respond, &mut ())
                .map_err(io::Error::other)
        },
        |client, request, got| {
            lesson03_client::ask(client, request, MAX_MESSAGE, got).map_err(io::Error::other)
        },
    )
}

/// The tutorial's way to read a length, as its Python programs do it.
pub(crate) fn receive_with_one_recv(stream: &mut Stream, observer: &mut Messages) -> Outcome {
    loop {
        let mut header = [0; 4];
        // BROKEN: one recv is taken for all 4 bytes.
        let got = stream.read(&mut header)?;
        if got == 0 {
            return Ok(());
        }
        if got < header.len() {
            return Err(ReadError::ShortLength(got).into());
        }
        let length = usize::try_from(i32::from_le_bytes(header))?.min(MAX_MESSAGE);
        let mut message = vec![0; length];
        // BROKEN: and one recv for all of the message.
        let got = stream.read(&mut message)?;
        message.truncate(got);
        observer.received(&message);
    }
}

/// Lesson 02 sends each message as it is.
pub(crate) fn send_unframed(
    stream: &mut impl Write,
    messages: &[impl AsRef<[u8]>],
) -> io::Result<()> {
    messages.iter().try_for_each(|message| lesson02_client::send_message(stream, message.as_ref()))
}

/// Lesson 03 sends each message with its length in front.
pub(crate) fn send_framed(
    stream: &mut impl Write,
    messages: &[impl AsRef<[u8]>],
) -> io::Result<()> {
    messages.iter().try_for_each(|message| {
        lesson03_client::send_message(stream, message.as_ref()).map_err(io::Error::other)
    })
}
