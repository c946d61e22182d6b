//! What a client that films has to do. It is told nothing, and films by itself.

use std::time::Duration;

use language::text;
use rust_i18n::t;

use super::announced;
use super::one_way;
use super::speech::{OK, acknowledgement, receive_frame, receive_image, receive_number};
use crate::client::{AcceptedClient, Client};
use crate::failure::{Failure, FailureKind, Hint, Outcome};
use crate::messages::{framed, only, ours, tutorial};
use crate::probe::{Probe, client};
use crate::probes::client_ends;
use crate::stream::ProbeStream;

/// How many frames may come before the first is acknowledged. Who sends more has no limit.
const MOST_IN_FLIGHT: usize = 60;
/// Who sends nothing for so long has stopped, and does not only take its time for a frame.
const STOPPED: Duration = Duration::from_secs(1);
/// Who sends nothing for so long waits for the word.
const WAITS: Duration = Duration::from_millis(300);

/// The probes of a client.
pub(super) fn probes() -> Vec<Probe> {
    let both = vec![
        client("answers/frame", "A frame comes, with what it says of itself.", |c| films(c, 1)),
        client("answers/frame-after-frame", "Frame after frame comes.", |c| films(c, 4)),
        client("ends/server-closes", "When the server hangs up, the client notices.", |c| {
            finds_out(c, ProbeStream::close)
        }),
        client("ends/server-resets", "When the server resets, the client notices.", |c| {
            finds_out(c, ProbeStream::reset)
        }),
        client(
            "ends/nobody-listens",
            "Where nobody listens, the client says so and ends.",
            nobody_listens,
        ),
    ];
    let answered = vec![
        client("cuts/acknowledgement", "An acknowledgement may come in pieces.", cut),
        client("answers/after-300-ms", "An acknowledgement may take 300 ms.", slow),
        client(
            "ends/inside-a-word",
            "When the server ends inside a word, the client notices.",
            ends_in_a_word,
        ),
    ];
    let in_ours = vec![
        client(
            "frames/unacknowledged",
            "Without acknowledgements, the client stops sending.",
            stops_sending,
        ),
        client("nonsense/other-frame", "An acknowledgement of another frame is an error.", |c| {
            says(c, &acknowledgement(c.setting(), 1 << 40))
        }),
        client("nonsense/no-json", "An acknowledgement that is no JSON is an error.", |c| {
            says(c, &framed(r#"{"received": 1, "si"#, b""))
        }),
        client("nonsense/no-received", "An acknowledgement without `received` is an error.", |c| {
            says(c, &framed(r#"{"size":0}"#, b""))
        }),
        client("nonsense/negative-length", "A negative length is an error.", |c| {
            says(c, &(-1_i32).to_le_bytes())
        }),
        client("nonsense/long-length", "A length of 2 GiB is an error at once.", |c| {
            says(c, &i32::MAX.to_le_bytes())
        }),
    ];
    let in_tutorials = vec![
        client("frames/image-waits", "The image waits for the word about the number.", image_waits),
        client(
            "frames/number-waits",
            "The next number waits for the word about the image.",
            number_waits,
        ),
        client("nonsense/other-word", "A word other than `ok` is an error.", |c| says(c, b"no")),
    ];
    [
        both,
        only(announced::has_answers, answered),
        only(ours, in_ours),
        only(tutorial, in_tutorials),
    ]
    .concat()
}

/// As many bytes show how a client announces a frame, and most of a small frame.
const ENOUGH: usize = 4096;

const NO_FRAME: &str = text!(
    "The client connects, and no byte comes. Can it capture a frame? (A camera that takes its \
     time: --patience 10s.)"
);

/// Takes frames, and acknowledges each.
fn films(client: &Client, count: usize) -> Outcome {
    let mut accepted = client.start()?;
    let stream = &mut accepted.stream;
    let mut last = 0;
    for _ in 0..count {
        let begun = if last == 0 { stream.peek(ENOUGH).to_vec() } else { Vec::new() };
        let came = receive_frame(stream, client.setting());
        let recognise = || one_way::recognise_bytes(client.setting(), &begun);
        let nothing_came = last == 0 && begun.is_empty();
        let number = one_way::or_recognised(came, recognise)
            .explain(|_| nothing_came.then(|| NO_FRAME.to_owned()))?;
        if ours(client.setting()) && number <= last {
            let expected = t!("a frame whose sequence is above %{last}", last = last).into_owned();
            return Err(Failure::new(
                FailureKind::Mismatch,
                expected,
                t!("one with %{number}", number = number).into_owned(),
            ));
        }
        last = number;
        if announced::has_answers(client.setting()) {
            stream.send(&acknowledgement(client.setting(), number));
        }
    }
    Ok(())
}

/// Takes the first frame, and leaves it without a word; gives its number.
fn first_frame(client: &Client) -> Result<(AcceptedClient<'_>, u64), Failure> {
    let mut accepted = client.start()?;
    let number = receive_frame(&mut accepted.stream, client.setting())?;
    Ok((accepted, number))
}

/// After so many bytes of a word comes the rest; and another frame is expected.
fn cut(client: &Client) -> Outcome {
    let (mut accepted, number) = first_frame(client)?;
    let word = acknowledgement(client.setting(), number);
    accepted.stream.note(text!("send the word for it, byte by byte"), String::new());
    accepted.stream.quietly(|stream| stream.send_byte_by_byte(&word));
    accepted.stream.quietly(|stream| receive_frame(stream, client.setting())).map(drop).hint_any(
        text!(
            "The client takes one recv for a whole word of the server, and it got a piece. \
             Receive until the word is whole."
        ),
    )
}

fn slow(client: &Client) -> Outcome {
    let (mut accepted, number) = first_frame(client)?;
    accepted.stream.pause(Duration::from_millis(300));
    accepted.stream.send(&acknowledgement(client.setting(), number));
    receive_frame(&mut accepted.stream, client.setting()).map(drop)
}

fn image_waits(client: &Client) -> Outcome {
    let mut accepted = client.start()?;
    let size = receive_number(&mut accepted.stream)?;
    accepted.stream.expect_silence_for(WAITS).hint_any(text!(
        "The image is sent before the server has said ok. The server takes what one recv gives \
         for the number, and the beginning of the image with it."
    ))?;
    accepted.stream.send(OK);
    receive_image(&mut accepted.stream, size)
}

fn number_waits(client: &Client) -> Outcome {
    let (mut accepted, _) = first_frame(client)?;
    accepted.stream.expect_silence_for(WAITS).hint_any(text!(
        "The next number is sent before the server has said ok to the image, and would be taken \
         for the end of it."
    ))?;
    accepted.stream.send(OK);
    receive_number(&mut accepted.stream).map(drop)
}

fn stops_sending(client: &Client) -> Outcome {
    let mut accepted = client.start()?;
    accepted.stream.note(text!("take frames, and acknowledge none"), String::new());
    let stream = &mut accepted.stream;
    for _ in 0..MOST_IN_FLIGHT {
        stream.quietly(|stream| receive_frame(stream, client.setting()))?;
        if stream.quietly(|stream| stream.expect_silence_for(STOPPED)).is_ok() {
            return Ok(());
        }
    }
    let actual =
        t!("%{count} frames without a word about any of them, and more", count = MOST_IN_FLIGHT)
            .into_owned();
    Err(Failure::new(
        FailureKind::Excess,
        text!("that the client waits for acknowledgements"),
        actual,
    ))
    .hint_any(text!(
        "Nothing bounds how many frames are on their way: over a slow link they pile up in the \
         buffers, and what is seen is seconds old. Count the frames that are not acknowledged, \
         and wait when there are too many."
    ))
}

const ENDLESS: &str = text!(
    "The client waits, or turns in a loop, for words that cannot come any more. An empty recv is \
     the end of the stream: stop there, or connect again."
);

fn finds_out(client: &Client, leave: fn(ProbeStream)) -> Outcome {
    let (accepted, _) = first_frame(client)?;
    client_ends::finds_out(client, accepted, leave, ENDLESS)
}

fn ends_in_a_word(client: &Client) -> Outcome {
    finds_out(client, |mut stream| {
        // The beginning of a length, or of an ok.
        stream.send(b"o");
        stream.wait_until_taken();
        stream.close();
    })
}

fn nobody_listens(client: &Client) -> Outcome {
    client.start_in_vain()?;
    client_ends::gives_up(client)
}

/// After such a word the client does not go on: it cannot know what the server means.
fn says(client: &Client, word: &[u8]) -> Outcome {
    let mut accepted = client.start()?;
    match tutorial(client.setting()) {
        true => receive_number(&mut accepted.stream).map(drop)?,
        false => receive_frame(&mut accepted.stream, client.setting()).map(drop)?,
    }
    accepted.stream.send(word);
    let hint = text!(
        "This is no word of this protocol, and the client goes on, or waits: from here on the two \
         ends are out of step. Compare what came with what should come, and if it differs, close \
         the connection and say so."
    );
    accepted
        .stream
        .quietly(|stream| stream.expect_gone_at_last())
        .map(drop)
        .hint(FailureKind::Timeout, hint)
        .hint(FailureKind::Excess, hint)
}
