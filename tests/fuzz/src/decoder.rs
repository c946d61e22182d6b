//! Any bytes, as any framing: the decoder gives the same messages and the same error however the stream is
//! cut, and a reader gives what the decoder gives.

use wire::{Decoder, FrameReader, Framing};

use crate::choices::Choices;
use crate::pieces::{Script, pieces};

/// One of each kind; `none` is left out, since with it a piece is a message.
pub(crate) const FRAMINGS: &[&str] = &[
    "<i",
    ">I",
    "!H",
    "<Q",
    "B",
    ">H+self",
    "<q",
    "digits:10",
    "digits:04",
    "digits:\\n",
    "line",
    "until:0d0a0d0a",
    "until:2d2d",
    "json:>H:n",
    "json:<i:total_size",
    "end",
];

pub(crate) fn run(bytes: &[u8]) {
    let mut choices = Choices(bytes);
    let framing: Framing = choices.one_of(FRAMINGS).parse().unwrap();
    let limit = choices.one_of(&[0, 1, 10, 1000, usize::MAX]);
    let mut sizes = choices.clone();
    let stream = choices.0.get(4..).unwrap_or_default();
    let cut = pieces(stream, &mut sizes);

    let whole = decoded(&framing, limit, &[stream]);
    assert_eq!(decoded(&framing, limit, &cut), whole, "{framing}: it depends on the cuts");
    let mut sizes = choices.clone();
    assert_eq!(read(&framing, limit, Script::new(stream, &mut sizes)), whole, "{framing}: reader");
}

/// The messages, and the error that came behind them.
pub(crate) type Read = (Vec<Vec<u8>>, Option<String>);

pub(crate) fn decoded(framing: &Framing, limit: usize, pieces: &[&[u8]]) -> Read {
    let mut decoder = Decoder::new(framing, limit);
    let mut messages = Vec::new();
    for piece in pieces {
        let mut input = *piece;
        loop {
            match decoder.decode(&mut input) {
                Ok(Some(message)) => messages.push(message.to_vec()),
                Ok(None) => break,
                Err(error) => return (messages, Some(error.to_string())),
            }
        }
        assert!(input.is_empty(), "{framing}: it asks for more, and has not taken what there is");
    }
    match decoder.finish() {
        Ok(last) => {
            messages.extend(last.map(<[u8]>::to_vec));
            (messages, None)
        }
        Err(error) => (messages, Some(error.to_string())),
    }
}

fn read(framing: &Framing, limit: usize, script: Script<'_>) -> Read {
    let mut reader = FrameReader::new(script, framing, limit);
    let mut messages = Vec::new();
    loop {
        match reader.next_frame() {
            Ok(Some(message)) => messages.push(message.to_vec()),
            Ok(None) => return (messages, None),
            Err(error) => return (messages, Some(error.to_string())),
        }
    }
}
