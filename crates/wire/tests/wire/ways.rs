//! Every way of reading a stream, whatever says where its messages end.

use wire::{Decoder, Error, FrameReader, Framing};

use crate::peers::Pieces;

/// What came of a stream: its messages, and how it ended.
pub(crate) type Outcome = (Vec<Vec<u8>>, Result<(), String>);

pub(crate) fn with_decoder(
    framing: &Framing,
    stream: &[u8],
    sizes: &[usize],
    limit: usize,
) -> Outcome {
    let mut decoder = Decoder::new(framing, limit);
    let mut messages = Vec::new();
    for mut piece in Pieces::new(stream, sizes).into_vec() {
        loop {
            match decoder.decode(&mut piece) {
                Ok(Some(message)) => messages.push(message.to_vec()),
                Ok(None) => break,
                Err(error) => return (messages, Err(same_again(&mut decoder, piece, &error))),
            }
        }
        assert!(piece.is_empty(), "None, but {} bytes were not taken", piece.len());
    }
    assert_eq!(decoder.position(), stream.len() as u64);
    let result = decoder.finish().map(|last| messages.extend(last.map(<[u8]>::to_vec)));
    (messages, result.map_err(|error| error.to_string()))
}

/// After an error nothing more is taken, and each call gives it again.
fn same_again(decoder: &mut Decoder, piece: &[u8], error: &Error) -> String {
    let (words, position) = (error.to_string(), decoder.position());
    for mut input in [piece, b"", b"\x01\0\0\0x", b"5\n5 \r\n"] {
        let before = input;
        assert_eq!(decoder.decode(&mut input).unwrap_err().to_string(), words);
        assert_eq!(decoder.finish().unwrap_err().to_string(), words);
        assert_eq!(input, before, "more was taken after {words}");
        assert_eq!(decoder.position(), position);
    }
    format!("{words} (taken: {position})")
}

pub(crate) fn with_frame_reader(
    framing: &Framing,
    stream: &[u8],
    sizes: &[usize],
    limit: usize,
) -> Outcome {
    let mut reader = FrameReader::new(Pieces::new(stream, sizes), framing, limit);
    let mut messages = Vec::new();
    loop {
        match reader.next_frame() {
            Ok(Some(message)) => messages.push(message.to_vec()),
            Ok(None) => return (messages, Ok(())),
            Err(error) => return (messages, Err(error.to_string())),
        }
    }
}

/// Also proves that each call took its message and not a byte more.
pub(crate) fn with_read(
    framing: &Framing,
    stream: &[u8],
    sizes: &[usize],
    limit: usize,
) -> Outcome {
    let mut decoder = Decoder::new(framing, limit);
    let mut rest = stream;
    let mut reader = Pieces::new(stream, sizes);
    let mut messages = Vec::new();
    loop {
        let begin = reader.given;
        match framing.read(&mut reader, limit) {
            Ok(Some(message)) => {
                if *framing != Framing::End {
                    assert_eq!(decoder.decode(&mut rest).unwrap().unwrap(), message);
                    assert_eq!(reader.given as u64, decoder.position(), "not this message alone");
                }
                messages.push(message);
            }
            Ok(None) => return (messages, Ok(())),
            // Its offsets begin anew with each call.
            Err(error) => return (messages, Err(moved(error, begin as u64).to_string())),
        }
    }
}

pub(crate) fn moved(mut error: Error, by: u64) -> Error {
    match &mut error {
        Error::NegativeLength { at, .. }
        | Error::TooLarge { at, .. }
        | Error::BadLength { at, .. }
        | Error::NoDigits { at, .. }
        | Error::NoEnd { at, .. }
        | Error::EndInHeader { at, .. }
        | Error::EndInLength { at, .. }
        | Error::EndBeforeMark { at, .. }
        | Error::EndInBody { at, .. }
        | Error::NotJson { at, .. }
        | Error::MissingField { at, .. } => *at += by,
        _ => {}
    }
    error
}

/// All ways of reading this stream, cut like that, come to this.
pub(crate) fn check(
    framing: &Framing,
    stream: &[u8],
    sizes: &[usize],
    limit: usize,
    expected: &Outcome,
) {
    let taken = with_decoder(framing, stream, sizes, limit);
    assert_eq!(&without_taken(&taken), expected, "Decoder, {framing}, pieces of {sizes:?}");
    let outcome = with_frame_reader(framing, stream, sizes, limit);
    assert_eq!(&outcome, expected, "FrameReader, {framing}, pieces of {sizes:?}");
    let outcome = with_read(framing, stream, sizes, limit);
    assert_eq!(&outcome, expected, "Framing::read, {framing}, pieces of {sizes:?}");
}

/// The outcome without how many bytes were taken in all.
pub(crate) fn without_taken((messages, result): &Outcome) -> Outcome {
    let words = |words: &String| words.split(" (taken: ").next().unwrap_or_default().to_owned();
    (messages.clone(), result.as_ref().copied().map_err(words))
}
