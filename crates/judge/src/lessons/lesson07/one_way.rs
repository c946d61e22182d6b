//! One-way film: a length, a JPEG, the next length, and no word of the server's. Most film programs that
//! people write send it so; `--framing` says how the length is written.
//!
//! A server that never answers shows in one way only that it has understood: by what it refuses. So the
//! judge finds out first what this server refuses behind a whole frame. A server that has lost its place
//! takes the same bytes for the rest of something else. Of one that refuses nothing the judge knows only
//! that the connection stays open.

use std::time::Duration;

use language::text;
use rust_i18n::t;
use wire::{Decoder, Framing, FramingPair};

use super::announced::{carrier, long_length};
use super::speech::{acknowledged, frame_bytes, small};
use crate::failure::{Failure, FailureKind, Outcome};
use crate::jpeg;
use crate::server::Server;
use crate::setting::Setting;
use crate::stream::{MAX_MESSAGE, ProbeStream};

/// How long a server may take to refuse what it has read.
const REFUSAL_TIME: Duration = Duration::from_secs(1);
/// The lengths that are tried with a server that does not speak the lesson's protocol.
const LENGTHS: [&str; 8] = ["<I", ">I", "<Q", ">Q", "<H", ">H", "digits:16", "digits:\\n"];
/// The most bytes in front of a JPEG that may be its length.
const MAX_HEAD: usize = 32;

/// What this server refuses behind a whole frame, if there is such a thing. Where frames have answers,
/// nobody has to know.
pub(super) fn refused(server: &Server) -> Option<Vec<u8>> {
    let carrier = carrier(server.setting())?;
    let lies = [Some(carrier.encode(jpeg::NONE)), long_length(server.setting())];
    lies.into_iter().flatten().find(|lie| {
        server.record().quietly(|| {
            let Ok(mut stream) = server.connect() else { return false };
            stream.send(&frame_bytes(server.setting(), 1, &small()));
            acknowledged(&mut stream, server.setting(), 1).is_ok() && is_refused(&mut stream, lie)
        })
    })
}

fn is_refused(stream: &mut ProbeStream, lie: &[u8]) -> bool {
    stream.send(lie);
    _ = stream.expect_silence_for(REFUSAL_TIME);
    stream.has_ended()
}

/// Expects that the server refuses this here too: so it knows where a frame begins.
pub(super) fn expect_refusal(stream: &mut ProbeStream, lie: &[u8]) -> Outcome {
    stream.note(text!("send what it has refused behind a whole frame"), crate::show::bytes(lie));
    let refused = stream.quietly(|stream| is_refused(stream, lie));
    let (expected, actual) =
        (text!("that it refuses this here too"), text!("it takes it for something else"));
    match refused {
        true => Ok(()),
        false => Err(Failure::new(FailureKind::Mismatch, expected, actual)),
    }
}

/// The failure with what was recognised in the place of its hint, which knows less.
pub(super) fn or_recognised<T>(
    outcome: Result<T, Failure>,
    recognise: impl FnOnce() -> Option<String>,
) -> Result<T, Failure> {
    outcome.map_err(|failure| match recognise() {
        Some(hint) => Failure { hint: Some(hint), ..failure },
        None => failure,
    })
}

/// What a server speaks that takes one-way frames, by trying.
pub(super) fn recognise(server: &Server) -> Option<String> {
    let takes = |framing: &Framing| {
        let pair = FramingPair { request: framing.clone(), answer: framing.clone() };
        let setting = Setting { framing: Some(pair), ..server.setting().clone() };
        server.record().quietly(|| {
            let mut stream = server.connect().ok()?;
            stream.send(&frame_bytes(&setting, 1, &small()));
            acknowledged(&mut stream, &setting, 1).ok()?;
            is_refused(&mut stream, &carrier(&setting)?.encode(jpeg::NONE)).then_some(())
        })
    };
    let framings = LENGTHS.iter().filter_map(|text| text.parse::<Framing>().ok());
    let found = framings.into_iter().find(|framing| takes(framing).is_some())?;
    let said = t!(
        "The server takes a length as %{found} has it and a JPEG behind it, says nothing, and \
         refuses what is no JPEG: that is one-way film. %{expected} To try it as it is: judge \
         lesson07 --framing '%{found}'",
        found = found,
        expected = t!(expected(server.setting()))
    );
    Some(said.into_owned())
}

/// What a client speaks that sends JPEGs in another way, by its first bytes.
pub(super) fn recognise_bytes(setting: &Setting, arrived: &[u8]) -> Option<String> {
    let at = arrived.windows(3).take(MAX_HEAD).position(|bytes| bytes == b"\xff\xd8\xff")?;
    let is_jpeg = |framing: &Framing| {
        let (mut decoder, mut input) = (Decoder::new(framing, MAX_MESSAGE), arrived);
        decoder.decode(&mut input).is_ok_and(|it| it.is_some_and(jpeg::is_whole))
    };
    let found = Framing::candidates(arrived).into_iter().find(is_jpeg);
    let expected = t!(expected(setting));
    let said = match (found, at) {
        (Some(found), _) => t!(
            "A JPEG comes, and in front of it its length as %{found} has it: that is one-way \
             film. %{expected} To try it as it is: judge lesson07 --framing '%{found}'",
            found = found,
            expected = expected
        ),
        (None, 0) => t!(
            "A JPEG comes, and nothing says how long it is: that is one-way film. %{expected}",
            expected = expected
        ),
        (None, _) => t!(
            "A JPEG comes behind %{at} bytes that say in no known way how long it is: that is \
             one-way film. %{expected}",
            at = at,
            expected = expected
        ),
    };
    Some(said.into_owned())
}

/// What the lesson expects in its place.
fn expected(setting: &Setting) -> &'static str {
    match crate::messages::tutorial(setting) {
        true => {
            text!(
                "Here a frame is the number of its bytes in digits, a comma and a space; then, \
                 after an ok, the JPEG; and another ok."
            )
        }
        false => {
            text!(
                "Here a frame is 4 bytes of length (<i), a JSON header with sequence, captured, \
                 width, height and size, and the JPEG; and it is answered with a header that has \
                 received and size."
            )
        }
    }
}
