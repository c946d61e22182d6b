//! How a frame and its acknowledgement travel: in both dialects, and one way.

use language::text;
use rust_i18n::t;

use super::announced;
use crate::failure::{Failure, FailureKind, Hint, Outcome};
use crate::jpeg::{self, Picture};
use crate::messages::{self, framed, tutorial};
use crate::probes::cuts::length_bytes;
use crate::setting::{Dialect, Setting};
use crate::show;
use crate::stream::ProbeStream;

/// What the tutorial's server says to a number, and to an image.
pub(super) const OK: &[u8] = b"ok";
/// No number of the tutorial's is longer, with its comma and its space.
const MAX_NUMBER_DIGITS: usize = 20;

/// A small picture.
pub(super) fn small() -> Picture {
    jpeg::picture(64, 48, 40)
}

/// The header of a frame, in this project's dialect.
pub(super) fn header(sequence: u64, width: u16, height: u16, size: usize) -> String {
    // 30 frames a second.
    let captured = 1_763_700_000_000_000 + sequence * 33_333;
    format!(
        r#"{{"sequence":{sequence},"captured":{captured},"width":{width},"height":{height},"size":{size}}}"#
    )
}

/// A frame as it travels where its bytes are one message: in this project's dialect, or one way.
pub(super) fn frame_bytes(setting: &Setting, sequence: u64, picture: &Picture) -> Vec<u8> {
    let Picture { width, height, jpeg } = picture;
    match announced::carrier(setting) {
        Some(carrier) => carrier.encode(jpeg),
        None => framed(&header(sequence, *width, *height, jpeg.len()), jpeg),
    }
}

/// How many bytes the length in front of such a frame has.
pub(super) fn length_width(setting: &Setting) -> usize {
    announced::carrier(setting).map_or(4, |carrier| length_bytes(&carrier))
}

/// The tutorial's number, which is a message of its own.
pub(super) fn number_bytes(picture: &Picture) -> Vec<u8> {
    format!("{}, ", picture.jpeg.len()).into_bytes()
}

/// Sends a frame, and expects that it is acknowledged.
pub(super) fn show_frame(
    stream: &mut ProbeStream,
    setting: &Setting,
    sequence: u64,
    picture: &Picture,
) -> Outcome {
    send_up_to(stream, setting, sequence, picture, picture.jpeg.len())?;
    acknowledged(stream, setting, sequence)
}

/// Sends a frame, of its image only the first bytes.
pub(super) fn send_up_to(
    stream: &mut ProbeStream,
    setting: &Setting,
    sequence: u64,
    picture: &Picture,
    bytes: usize,
) -> Outcome {
    if tutorial(setting) {
        say_number(stream, picture)?;
        stream.send(picture.jpeg.get(..bytes).unwrap_or(&picture.jpeg));
        return Ok(());
    }
    let frame = frame_bytes(setting, sequence, picture);
    let missing = picture.jpeg.len().saturating_sub(bytes);
    stream.send(frame.get(..frame.len() - missing).unwrap_or(&frame));
    Ok(())
}

/// Says how many bytes the image has, and waits for the word.
pub(super) fn say_number(stream: &mut ProbeStream, picture: &Picture) -> Outcome {
    stream.send(&number_bytes(picture));
    stream.expect(OK).hint(
        FailureKind::Timeout,
        text!(
            "The client says how many bytes the image has, a comma and a space, and sends nothing \
             more before it has had an ok."
        ),
    )
}

/// Expects the word for this frame; one way, that it is taken and nothing ends.
pub(super) fn acknowledged(stream: &mut ProbeStream, setting: &Setting, sequence: u64) -> Outcome {
    if tutorial(setting) {
        return stream.expect(OK);
    }
    if announced::is_one_way(setting) {
        stream.wait_until_taken();
        return stream.expect_open();
    }
    let expected =
        t!("a header {\"received\":%{sequence},\"size\":0}", sequence = sequence).into_owned();
    let message = messages::receive(stream, &expected)?;
    match (message.number("received"), message.number("size")) {
        (Some(number), Some(0)) if number == sequence => Ok(()),
        (None, _) => Err(message.is_not(&expected)).hint_any(text!(
            "The word for a frame is a header with `received`, which is the frame's `sequence`, \
             and with `size`, which is 0."
        )),
        _ => Err(message.is_not(&expected)).hint_any(text!(
            "Each frame is acknowledged by its own `sequence`, in the order in which the frames \
             came."
        )),
    }
}

/// The bytes of the word for a frame, where it has one.
pub(super) fn acknowledgement(setting: &Setting, sequence: u64) -> Vec<u8> {
    match setting.dialect {
        Dialect::Ours => framed(&format!(r#"{{"received":{sequence},"size":0}}"#), b""),
        Dialect::Tutorial => OK.to_vec(),
    }
}

/// Waits for a frame of a client, as far as it can come without being acknowledged, and gives its number;
/// where it has none, that is its size.
pub(super) fn receive_frame(stream: &mut ProbeStream, setting: &Setting) -> Result<u64, Failure> {
    if let Some(carrier) = announced::carrier(setting) {
        // What a camera sees is not the same twice.
        let jpeg = stream.quietly(|stream| carrier.receive(stream, None))?;
        stream.note(text!("receive"), text!("a frame").to_owned());
        return match jpeg::is_whole(&jpeg) {
            true => Ok(jpeg.len() as u64),
            false => Err(Failure::new(FailureKind::Mismatch, text!("a whole JPEG"), start(&jpeg))),
        };
    }
    match setting.dialect {
        Dialect::Ours => receive_our_frame(stream),
        Dialect::Tutorial => {
            let size = receive_number(stream)?;
            stream.send(OK);
            receive_image(stream, size)?;
            Ok(size)
        }
    }
}

fn receive_our_frame(stream: &mut ProbeStream) -> Result<u64, Failure> {
    let expected =
        text!("a header with sequence, captured, width, height and size, and a JPEG behind it");
    // What a camera sees is not the same twice.
    let message = stream.quietly(|stream| messages::receive(stream, expected))?;
    let [sequence, captured, width, height] =
        ["sequence", "captured", "width", "height"].map(|field| message.number(field));
    let (Some(sequence), Some(_), Some(width), Some(height)) = (sequence, captured, width, height)
    else {
        return Err(message.is_not(expected));
    };
    let size = jpeg::size(&message.body);
    if size != Some((width, height)) {
        let said = size.map_or(text!("it is none").to_owned(), |(w, h)| {
            t!("it says %{w} x %{h}", w = w, h = h).into_owned()
        });
        let expected = t!(
            "a whole baseline JPEG of %{width} x %{height}, as the header says",
            width = width,
            height = height
        )
        .into_owned();
        return Err(Failure::new(
            FailureKind::Mismatch,
            expected,
            format!("{said}: {}", start(&message.body)),
        ));
    }
    stream.note(text!("receive"), text!("a frame").to_owned());
    Ok(sequence)
}

/// Waits for the tutorial's number.
pub(super) fn receive_number(stream: &mut ProbeStream) -> Result<u64, Failure> {
    let expected = text!("a number of bytes, a comma and a space");
    let text = stream.quietly(|stream| stream.receive_some(expected))?;
    let number = text.strip_suffix(b", ").filter(|_| text.len() <= MAX_NUMBER_DIGITS);
    let number = number.and_then(|number| std::str::from_utf8(number).ok()?.parse().ok());
    stream.note(text!("receive"), text!("a number, a comma and a space").to_owned());
    number
        .ok_or_else(|| Failure::new(FailureKind::Mismatch, expected, show::bytes(&text)))
        .hint_any(text!("The number travels alone: the image waits for the server's ok."))
}

/// Waits for the tutorial's image, of so many bytes.
pub(super) fn receive_image(stream: &mut ProbeStream, size: u64) -> Outcome {
    let expected = text!("as many bytes of JPEG as were announced");
    let count = usize::try_from(size).unwrap_or(usize::MAX);
    let image = stream.quietly(|stream| stream.receive(count, expected))?;
    stream.note(text!("receive"), text!("an image").to_owned());
    match jpeg::size(&image) {
        Some(_) => Ok(()),
        None => {
            Err(Failure::new(FailureKind::Mismatch, text!("a whole baseline JPEG"), start(&image)))
        }
    }
}

/// The first bytes of what a camera saw: the rest is not the same in two runs.
fn start(bytes: &[u8]) -> String {
    show::bytes(bytes.get(..4).unwrap_or(bytes))
}
