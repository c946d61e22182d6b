//! The code that is compared: for each kind of exchange, what stands on the left and what on the right.

use std::io::{self, Read, Write};

use fault::{Sizes, SlicedReads};
use trace::Observer;

use super::datagrams::datagrams;
use super::stream::{Collected, Outcome, Steps, Stream, one_way, request_response};
use crate::comparison::{Side, Transport};
use crate::loopback::MAX_MESSAGE;

/// Both sides, the broken one first.
type Sides = io::Result<(Side, Side)>;

/// Lesson 02 with these read sizes, and lesson 03.
pub(super) fn play_one_way(messages: &[String], reads: &[usize], steps: &Steps) -> Sides {
    let broken = without_length(messages, reads, steps)?;
    // The fixed reader asks for what it needs, so the same cuts are made on the way.
    let fixed = with_length("FIXED lesson03: 4-byte length", messages, reads, steps)?;
    Ok((broken, fixed))
}

/// The tutorial's way to read a length, and lesson 03's, with pieces of these sizes.
pub(super) fn play_cut_header(messages: &[String], arrivals: &[usize], steps: &Steps) -> Sides {
    let broken = one_way(
        "BROKEN one recv(4) for a length",
        Transport::FramedStream,
        steps,
        |stream| send_framed(stream, messages),
        receive_with_one_recv,
        Sizes::listed(arrivals.to_vec()),
    )?;
    let fixed = with_length("FIXED lesson03: recv in a loop", messages, arrivals, steps)?;
    Ok((broken, fixed))
}

/// Lesson 02's remote command, and lesson 03's.
pub(super) fn play_request_response(requests: &[String], steps: &Steps) -> Sides {
    let respond = |request: &[u8]| Some(answer(request));
    let broken = request_response(
        "BROKEN one recv = one reply",
        Transport::Stream,
        steps,
        requests,
        |server| lesson02_server::converse(server, lesson02_server::LIMIT, respond, &mut ()),
        |client, request, got| lesson02_client::ask(client, request, lesson02_client::LIMIT, got),
    )?;
    let fixed = request_response(
        "FIXED recv until the length is met",
        Transport::FramedStream,
        steps,
        requests,
        |server| {
            lesson03_server::converse(server, MAX_MESSAGE, respond, &mut ())
                .map_err(io::Error::other)
        },
        |client, request, got| {
            lesson03_client::ask(client, request, MAX_MESSAGE, got).map_err(io::Error::other)
        },
    )?;
    Ok((broken, fixed))
}

/// Lesson 02, and datagrams.
pub(super) fn play_datagrams(messages: &[String], steps: &Steps) -> Sides {
    let broken = without_length(messages, &[lesson02_server::LIMIT], steps)?;
    Ok((broken, datagrams("UDP: a datagram each", messages, steps)?))
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

/// Lesson 02, in one direction.
fn without_length(messages: &[String], reads: &[usize], steps: &Steps) -> io::Result<Side> {
    let sizes = Sizes::listed(reads.to_vec());
    let largest = reads.iter().copied().max().unwrap_or(1);
    one_way(
        "BROKEN lesson02: no length",
        Transport::Stream,
        steps,
        |stream| send_all(messages, |message| lesson02_client::send_message(stream, message)),
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
    code: &str,
    messages: &[String],
    arrivals: &[usize],
    steps: &Steps,
) -> io::Result<Side> {
    one_way(
        code,
        Transport::FramedStream,
        steps,
        |stream| send_framed(stream, messages),
        |tap, observer| Ok(lesson03_server::converse(tap, MAX_MESSAGE, |_| None, observer)?),
        Sizes::listed(arrivals.to_vec()),
    )
}

/// The tutorial's way to read a length, as its Python programs do it.
fn receive_with_one_recv(stream: &mut Stream, observer: &mut Collected) -> Outcome {
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
        let length = usize::try_from(i32::from_le_bytes(header))?.min(MAX_MESSAGE);
        let mut message = vec![0; length];
        // BROKEN: and one recv for all of the message.
        let got = stream.read(&mut message)?;
        message.truncate(got);
        observer.received(&message);
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
