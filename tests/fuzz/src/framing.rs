//! A framing as somebody writes it: it is written as it was read, and what it encodes it decodes, however cut.

use wire::Framing;

use crate::choices::Choices;
use crate::decoder::decoded;
use crate::pieces::pieces;

pub(crate) fn run(bytes: &[u8]) {
    let mut choices = Choices(bytes);
    let Some(framing) = choices.line().and_then(|text| text.parse::<Framing>().ok()) else {
        return;
    };
    assert_eq!(framing.to_string().parse().as_ref(), Ok(&framing), "what is written is read");

    let mut sizes = choices.clone();
    let (mut messages, mut stream) = (Vec::new(), Vec::new());
    while !choices.is_empty() {
        let message = choices.bytes(40).to_vec();
        let before = stream.clone();
        match framing.encode(&message, &mut stream) {
            Ok(()) => messages.push(message),
            Err(_) => assert_eq!(stream, before, "{framing}: what cannot be sent leaves nothing"),
        }
    }
    let decoded = |pieces: &[&[u8]]| decoded(&framing, usize::MAX, pieces);
    match framing {
        Framing::None => {}
        Framing::End => assert_eq!(decoded(&[&stream]).0.concat(), messages.concat()),
        _ => {
            let expected = (messages, None);
            assert_eq!(decoded(&[&stream]), expected, "{framing}: whole");
            assert_eq!(decoded(&pieces(&stream, &mut sizes)), expected, "{framing}: cut");
        }
    }
}
