//! Lesson 03's three headers: both ends read the same, what one sends the other receives, and the length
//! that the lesson spells out is the one of `wire`.

use wire::Framing;

use crate::choices::Choices;
use crate::pieces::Script;

const LIMIT: usize = 1000;

/// A message that has come, none, or why not.
type Came = Result<Option<Vec<u8>>, String>;

pub(crate) fn run(bytes: &[u8]) {
    let mut choices = Choices(bytes);
    let sizes = choices.clone();
    (0..4).for_each(|_| _ = choices.byte());
    let stream = choices.0;
    let script = || Script::new(stream, &mut sizes.clone());

    type Receive = fn(&mut Script<'_>) -> Came;
    let ends: [(&str, Receive, Receive); 3] = [
        (
            "struct",
            |from| lesson03_server::receive_message(from, LIMIT).map_err(words),
            |from| lesson03_client::receive_message(from, LIMIT).map_err(words),
        ),
        (
            "announce",
            |from| lesson03_server::announce::receive_message(from, LIMIT).map_err(words),
            |from| lesson03_client::announce::receive_message(from, LIMIT).map_err(words),
        ),
        (
            "json",
            |from| lesson03_server::json::receive_message(from, LIMIT).map_err(words),
            |from| lesson03_client::json::receive_message(from, LIMIT).map_err(words),
        ),
    ];
    for (header, server, client) in ends {
        let (whole, cut) = (&mut Script::whole(stream), &mut script());
        let came = server(whole);
        assert_eq!(client(cut), came, "{header}: both ends");
        assert!(came.is_err() || whole.left() == cut.left(), "{header}: both ends take as much");
    }

    let ours = lesson03_server::receive_message(&mut script(), LIMIT);
    let wires = Framing::FRAME.read(&mut script(), LIMIT);
    assert_eq!(ours.as_ref().ok(), wires.as_ref().ok(), "{ours:?} is {wires:?} in wire");

    let mut sent = Vec::new();
    lesson03_client::send_message(&mut sent, stream).unwrap();
    let came = lesson03_server::receive_message(&mut sent.as_slice(), stream.len());
    assert_eq!(came.unwrap().as_deref(), Some(stream));

    let mut sent = Vec::new();
    lesson03_client::json::send_message(&mut sent, stream).unwrap();
    let came = lesson03_server::json::receive_message(&mut sent.as_slice(), stream.len());
    assert_eq!(came.unwrap().as_deref(), Some(stream));

    let mut sender = Script::whole(lesson03_server::announce::READY);
    lesson03_client::announce::send_message(&mut sender, stream).unwrap();
    let mut receiver = Script::whole(&sender.sent);
    let came = lesson03_server::announce::receive_message(&mut receiver, stream.len());
    assert_eq!(came.unwrap().as_deref(), Some(stream));
    assert_eq!(receiver.sent, lesson03_client::announce::READY);
}

fn words(error: wire::Error) -> String {
    error.to_string()
}
